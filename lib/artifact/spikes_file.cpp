#include "artifact/spikes_file.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "h5/dataset.hpp"

namespace rnn_rates::artifact {
namespace {

const std::string ms_object = about_spikes + "ms", ends_object = about_spikes + "ends";

}  // namespace

std::span<const std::uint32_t> WindowSpikes::of(std::size_t trial, std::size_t unit) const {
  const std::size_t at = trial * units + unit, start = at == 0 ? 0 : ends.at(at - 1);
  return std::span(ms).subspan(start, ends.at(at) - start);
}

void write_spikes(h5::File& file, const WindowSpikes& spikes) {
  h5::write_vector<std::uint32_t>(
      file, ms_object, spikes.ms,
      {"spikes of each trial and unit in order of time, from the start of the window", "spike", "ms"},
      {.compress = true});
  h5::write_array(
      file, ends_object, Array<std::uint64_t, 2>({spikes.trials(), spikes.units}, spikes.ends),
      {"where the spikes of each trial and unit end in ms; they begin where the previous ones end",
       "trial unit", "1"},
      {.compress = true});
}

std::optional<WindowSpikes> read_spikes(const h5::File& file) {
  if (!h5::exists(file, ms_object)) return std::nullopt;
  const auto ends = h5::read_array<std::uint64_t, 2>(file, ends_object);
  WindowSpikes spikes{.units = ends.extent(1),
                      .ms = h5::read_vector<std::uint32_t>(file, ms_object),
                      .ends = {ends.values().begin(), ends.values().end()}};
  const std::uint64_t end = spikes.ends.empty() ? 0 : spikes.ends.back();
  if (end == spikes.ms.size() && std::is_sorted(spikes.ends.begin(), spikes.ends.end())) return spikes;
  throw Error(ErrorKind::input, "{}: expected rising ends up to {}. Run extract_bins --force again.",
              file.where(ends_object), spikes.ms.size());
}

}  // namespace rnn_rates::artifact
