#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "core/natural_order.hpp"
#include "h5/attribute.hpp"
#include "h5/dataset.hpp"
#include "h5/strings.hpp"
#include "session/laser.hpp"
#include "session/readers.hpp"
#include "session/regions.hpp"
#include "session/session_info.hpp"
#include "session/trial_info.hpp"

namespace rnn_rates::session {
namespace {

const std::string root = "/spike_trains";

class SpikeArrayRecording final : public Recording {
 public:
  SpikeArrayRecording(RecordingFacts facts, h5::File file, std::vector<h5::Dataset> arrays)
      : Recording(std::move(facts)), file_(std::move(file)), arrays_(std::move(arrays)) {}

 private:
  void read_checked(std::size_t taste, std::size_t trial, std::size_t first_ms, std::size_t last_ms,
                    std::span<double> spikes) override {
    if (resolution_ms() > 1) return read_counts(taste, trial, first_ms, last_ms, spikes);
    const std::array<std::size_t, 3> start{trial, 0, first_ms}, count{1, units(), last_ms - first_ms};
    arrays_[taste].read_block<double>(start, count, spikes);
  }

  void read_counts(std::size_t taste, std::size_t trial, std::size_t first_ms, std::size_t last_ms,
                   std::span<double> spikes) {
    const std::size_t width = resolution_ms(), first = first_ms / width,
                      bins = (last_ms + width - 1) / width - first;
    const std::array<std::size_t, 3> start{trial, 0, first}, count{1, units(), bins};
    counts_.resize(units() * bins);
    arrays_[taste].read_block<double>(start, count, counts_);
    std::fill(spikes.begin(), spikes.end(), 0.0);
    for (std::size_t unit = 0; unit < units(); ++unit) {
      for (std::size_t bin = 0; bin < bins; ++bin) {
        const std::size_t ms = (first + bin) * width;
        if (ms >= first_ms) spikes[unit * (last_ms - first_ms) + ms - first_ms] = counts_[unit * bins + bin];
      }
    }
  }

  h5::File file_;
  std::vector<h5::Dataset> arrays_;  ///< (taste)
  std::vector<double> counts_;
};

/// blech_clust's in the order in which PyTables, and so the lab's scripts, list them; other names in natural
/// order.
std::vector<std::string> find_dig_ins(const h5::File& file) {
  std::vector<std::string> dig_ins;
  for (const std::string& name : h5::children(file, root)) {
    if (h5::is_group(file, root + "/" + name)) dig_ins.push_back(name);
  }
  if (dig_ins.empty()) {
    throw Error(ErrorKind::input,
                "{}: no dig-in in this group; expected one group a taste, such as dig_in_0, each with a "
                "spike_array. Run blech_make_arrays.py again, or write spikes of your own like this:\n{}",
                file.where(root), minimal_layout);
  }
  const bool of_blech_clust = std::all_of(dig_ins.begin(), dig_ins.end(), [](const std::string& name) {
    return name.starts_with("dig_in_") || name.starts_with("board-DIN-");
  });
  if (!of_blech_clust) std::sort(dig_ins.begin(), dig_ins.end(), natural_less);
  return dig_ins;
}

/// Other programs put time elsewhere, and MATLAB turns all axes round.
void check_order_of_axes(const h5::Dataset& array) {
  constexpr std::size_t short_ms = 100, long_ms = 500;
  const std::size_t longest = std::max(array.shape()[0], array.shape()[1]);
  if (array.shape()[2] >= short_ms || longest < long_ms) return;
  throw Error(
      ErrorKind::input,
      "{}: of shape {}, expected trial, unit, ms, of which the last is the longest. Change the order of its "
      "axes, as with numpy.transpose",
      array.where(), fmt::join(array.shape(), " x "));
}

/// The dig-in's spike_array, or its counts where `bin_ms` says how wide their bins are.
h5::Dataset open_array(const h5::File& file, const std::string& dig_in,
                       const std::optional<std::size_t>& bin_ms) {
  const std::string group = root + "/" + dig_in;
  const std::string name = bin_ms ? "counts" : "spike_array", object = group + "/" + name;
  if (!h5::is_dataset(file, object)) {
    if (!bin_ms && h5::is_dataset(file, group + "/counts")) {
      throw Error(ErrorKind::input,
                  "{}: counts without the width of their bins; set it with "
                  "h5['spike_trains'].attrs['bin_ms'] = 25",
                  file.where(group));
    }
    throw Error(ErrorKind::input,
                "{}: no {} in this dig-in; it holds: {}. Run blech_make_arrays.py again, or write spikes of "
                "your own like this:\n{}",
                file.where(group), name, fmt::join(h5::children(file, group), ", "), minimal_layout);
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
  if (!bin_ms) check_order_of_axes(array);
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

/// The attribute bin_ms, which counts need and spike arrays do not have.
std::optional<std::size_t> read_bin_ms(const h5::File& file) {
  if (!h5::has_attribute(file, root, "bin_ms")) return std::nullopt;
  const double bin_ms = h5::read_number_attribute(file, root, "bin_ms");
  if (!(bin_ms >= 1.0 && bin_ms <= 1e6 && bin_ms == std::floor(bin_ms))) {
    throw Error(ErrorKind::input, "{}: the attribute bin_ms is {}, expected whole ms from 1 up",
                file.where(root), bin_ms);
  }
  return static_cast<std::size_t>(bin_ms);
}

std::filesystem::path trial_table(const OpenSession& session) {
  return session.place.h5.parent_path() / "trial_info_frame.csv";
}

/// (trial) values of a dataset of a dig-in; empty where there is none.
std::vector<double> read_per_trial(const h5::File& file, const std::string& object, std::size_t trials) {
  if (!h5::is_dataset(file, object)) return {};
  std::vector<double> values = h5::read_vector<double>(file, object);
  if (values.size() != trials) {
    throw Error(ErrorKind::input, "{}: {} values, expected one for each of {} trials", file.where(object),
                values.size(), trials);
  }
  return values;
}

/// (trial) Taste::laser_ms by the dig-in's laser_durations and laser_onset_lag, or else by the rows of
/// trial_info_frame.csv; empty where neither is there or has as many trials.
std::vector<std::array<double, 2>> read_laser(const OpenSession& session, const std::string& dig_in,
                                              std::size_t trials) {
  const std::string group = root + "/" + dig_in;
  const auto durations_ms = read_per_trial(session.file, group + "/laser_durations", trials);
  if (!durations_ms.empty()) {
    auto lags_ms = read_per_trial(session.file, group + "/laser_onset_lag", trials);
    lags_ms.resize(trials);
    std::vector<std::array<double, 2>> laser_ms;
    for (std::size_t trial = 0; trial < trials; ++trial)
      laser_ms.push_back(laser_span_ms(durations_ms[trial], lags_ms[trial]));
    return laser_ms;
  }
  if (!std::filesystem::exists(trial_table(session))) return {};
  for (const TasteStarts& taste : read_trial_info(trial_table(session))) {
    if (taste.dig_in == dig_in && taste.laser_ms.size() == trials) return taste.laser_ms;
  }
  return {};
}

void read_regions(const OpenSession& session, std::size_t units, RecordingFacts& facts) {
  const std::string object = root + "/unit_regions";
  if (session.regions_all || !h5::is_dataset(session.file, object)) {
    return set_regions(facts, find_unit_regions(session.file, units, session.info, session.regions_all),
                       without_slashes);
  }
  std::vector<std::string> regions = h5::read_strings(session.file, object);
  if (regions.size() != units) {
    throw Error(ErrorKind::input, "{}: {} regions, expected {}, one for each unit of the spikes",
                session.file.where(object), regions.size(), units);
  }
  set_regions(facts, std::move(regions), region_name);
}

void hold_against_folder(const OpenSession& session, const std::vector<h5::Dataset>& arrays,
                         RecordingFacts& facts) {
  const std::size_t units = facts.unit_regions.size();
  const ReadArray read = [&](std::size_t dig_in, std::size_t trial, std::span<double> spikes) {
    const std::array<std::size_t, 3> start{trial, 0, 0}, count{1, units, facts.array_ms};
    arrays[dig_in].read_block<double>(start, count, spikes);
  };
  check_arrays(session, read,
               {facts.tastes, units, facts.array_ms, facts.sources, facts.notes, facts.trial_table});
}

}  // namespace

std::unique_ptr<Recording> open_spike_arrays(OpenSession session) {
  const std::vector<std::string> dig_ins = find_dig_ins(session.file);
  const std::vector<std::string> names = session.info ? read_taste_names(*session.info, dig_ins) : dig_ins;
  const std::optional<std::size_t> bin_ms = read_bin_ms(session.file);
  RecordingFacts facts;
  std::vector<h5::Dataset> arrays;
  for (std::size_t taste = 0; taste < dig_ins.size(); ++taste) {
    arrays.push_back(open_array(session.file, dig_ins[taste], bin_ms));
    check_alike(arrays.front(), arrays.back());
    facts.tastes.push_back({names[taste], dig_ins[taste], arrays.back().shape()[0]});
    facts.tastes.back().rows.resize(facts.tastes.back().trials);
    std::iota(facts.tastes.back().rows.begin(), facts.tastes.back().rows.end(), 0);
    if (session.laser)
      facts.tastes.back().laser_ms = read_laser(session, dig_ins[taste], arrays.back().shape()[0]);
  }
  facts.file = session.place.h5;
  facts.reach = session.file.reach();
  facts.sources = {facts.file};
  if (session.info) facts.sources.push_back(*session.info);
  if (bin_ms && session.laser && std::filesystem::exists(trial_table(session)))
    facts.sources.push_back(trial_table(session));
  facts.resolution_ms = bin_ms.value_or(1);
  facts.array_ms = arrays.front().shape()[2] * facts.resolution_ms;
  if (h5::has_attribute(session.file, root, "stim_ms"))
    facts.stim_ms = h5::read_number_attribute(session.file, root, "stim_ms");
  read_regions(session, arrays.front().shape()[1], facts);
  if (!bin_ms) hold_against_folder(session, arrays, facts);
  return std::make_unique<SpikeArrayRecording>(std::move(facts), std::move(session.file), std::move(arrays));
}

}  // namespace rnn_rates::session
