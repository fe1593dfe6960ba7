#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "core/natural_order.hpp"
#include "h5/dataset.hpp"
#include "session/readers.hpp"
#include "session/regions.hpp"
#include "session/session_info.hpp"

namespace rnn_rates::session {
namespace {

class SpikeArrayRecording final : public Recording {
 public:
  SpikeArrayRecording(RecordingFacts facts, h5::File file, std::vector<h5::Dataset> arrays)
      : Recording(std::move(facts)), file_(std::move(file)), arrays_(std::move(arrays)) {}

 private:
  void read_checked(std::size_t taste, std::size_t trial, std::size_t first_ms, std::size_t last_ms,
                    std::span<double> spikes) override {
    const std::array<std::size_t, 3> start{trial, 0, first_ms}, count{1, units(), last_ms - first_ms};
    arrays_[taste].read_block<double>(start, count, spikes);
  }

  h5::File file_;
  std::vector<h5::Dataset> arrays_;  ///< (taste)
};

std::vector<std::string> find_dig_ins(const h5::File& file) {
  std::vector<std::string> dig_ins;
  for (const std::string& name : h5::children(file, "/spike_trains")) {
    if (h5::is_group(file, "/spike_trains/" + name)) dig_ins.push_back(name);
  }
  if (dig_ins.empty()) {
    throw Error(ErrorKind::input,
                "{}: no dig-in in this group; expected one group a taste, such as dig_in_0, each with a "
                "spike_array. Run blech_make_arrays.py again.",
                file.where("/spike_trains"));
  }
  std::sort(dig_ins.begin(), dig_ins.end(), natural_less);
  return dig_ins;
}

h5::Dataset open_array(const h5::File& file, const std::string& dig_in) {
  const std::string group = "/spike_trains/" + dig_in, object = group + "/spike_array";
  if (!h5::is_dataset(file, object)) {
    throw Error(ErrorKind::input,
                "{}: no spike_array in this dig-in; it holds: {}. Run blech_make_arrays.py again.",
                file.where(group), fmt::join(h5::children(file, group), ", "));
  }
  h5::Dataset array(file, object);
  if (array.shape().size() != 3) {
    throw Error(ErrorKind::input, "{}: {} axes ({}), expected 3: trial, unit, ms", array.where(),
                array.shape().size(), fmt::join(array.shape(), " x "));
  }
  if (!array.is_numeric()) {
    throw Error(ErrorKind::input,
                "{}: holds no numbers, expected spike counts per ms. Store it as uint8 or float64.",
                array.where());
  }
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (array.shape()[axis] == 0) {
      throw Error(ErrorKind::input,
                  "{}: of shape {}, with no {}; expected at least one. Take this dig-in out.", array.where(),
                  fmt::join(array.shape(), " x "), std::array<const char*, 3>{"trial", "unit", "ms"}[axis]);
    }
  }
  return array;
}

void check_alike(const h5::Dataset& first, const h5::Dataset& other) {
  if (other.shape()[1] != first.shape()[1] || other.shape()[2] != first.shape()[2]) {
    throw Error(
        ErrorKind::input,
        "{}: {} units and {} ms, expected {} units and {} ms as in {}: all tastes of a session have the "
        "same. Run blech_make_arrays.py again.",
        other.where(), other.shape()[1], other.shape()[2], first.shape()[1], first.shape()[2], first.where());
  }
}

}  // namespace

std::unique_ptr<Recording> open_spike_arrays(OpenSession session) {
  const std::vector<std::string> dig_ins = find_dig_ins(session.file);
  const std::vector<std::string> names = session.info ? read_taste_names(*session.info, dig_ins) : dig_ins;
  RecordingFacts facts;
  std::vector<h5::Dataset> arrays;
  for (std::size_t taste = 0; taste < dig_ins.size(); ++taste) {
    arrays.push_back(open_array(session.file, dig_ins[taste]));
    check_alike(arrays.front(), arrays.back());
    facts.tastes.push_back({names[taste], dig_ins[taste], arrays.back().shape()[0]});
  }
  facts.file = session.place.h5;
  facts.reach = session.file.reach();
  facts.sources = {facts.file};
  if (session.info) facts.sources.push_back(*session.info);
  facts.array_ms = arrays.front().shape()[2];
  facts.unit_regions =
      find_unit_regions(session.file, arrays.front().shape()[1], session.info, session.regions_all);
  return std::make_unique<SpikeArrayRecording>(std::move(facts), std::move(session.file), std::move(arrays));
}

}  // namespace rnn_rates::session
