#include "artifact/spikes_file.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "h5/dataset.hpp"

namespace rnn_rates::artifact {
namespace {

const std::string ms_object = about_spikes + "ms_in_bin";

}  // namespace

std::span<const std::uint32_t> WindowSpikes::of(std::size_t trial, std::size_t unit) const {
  const std::size_t at = trial * units + unit, start = at == 0 ? 0 : ends.at(at - 1);
  return std::span(ms).subspan(start, ends.at(at) - start);
}

void write_spikes(h5::File& file, std::span<const std::uint32_t> ms_in_bin) {
  h5::write_vector<std::uint32_t>(
      file, ms_object, ms_in_bin,
      {"spikes by trial of all tastes, unit and bin, from the start of the bin", "spike", "ms"},
      {.compress = true});
}

std::optional<WindowSpikes> read_spikes(const h5::File& file, const SessionBins& bins) {
  if (!h5::exists(file, ms_object)) return std::nullopt;
  WindowSpikes spikes{.units = bins.units(), .ms = h5::read_vector<std::uint32_t>(file, ms_object)};
  const auto width = static_cast<std::uint32_t>(bins.bin_ms());
  std::size_t counted = 0;
  for (std::size_t taste = 0; taste < bins.counts.size(); ++taste) {
    const auto counts = bins.counts[taste].values();
    for (std::size_t entry = 0; entry < counts.size(); ++entry) {
      const auto bin = static_cast<std::uint32_t>(entry % bins.bins());
      std::size_t next = counted;
      if (bins.observed.empty() || bins.observed[taste].values()[entry] != 0) counted += counts[entry];
      for (; next < std::min(counted, spikes.ms.size()); ++next) spikes.ms[next] += bin * width;
      if (bin + 1 == bins.bins()) spikes.ends.push_back(counted);
    }
  }
  if (counted == spikes.ms.size()) return spikes;
  throw Error(ErrorKind::input,
              "{}: holds {} spikes, expected {}, as were counted. Run extract_bins --force again.",
              file.where(ms_object), spikes.ms.size(), counted);
}

}  // namespace rnn_rates::artifact
