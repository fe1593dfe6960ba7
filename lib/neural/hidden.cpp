#include "neural/hidden.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/random.hpp"
#include "core/stop_token.hpp"

namespace rnn_rates::neural {

void check_hidden(const Array<std::uint16_t, 3>& counts, const Hidden& hidden) {
  if (hidden.size() == 0 || hidden.shape() == counts.shape()) return;
  throw Error(ErrorKind::bug, "cannot hide entries of ({}, {}, {}) in counts of ({}, {}, {})",
              hidden.extent(0), hidden.extent(1), hidden.extent(2), counts.extent(0), counts.extent(1),
              counts.extent(2));
}

std::vector<double> mean_kept_rate_hz(const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
                                      double bin_ms) {
  check_hidden(counts, hidden);
  const auto [trials, units, bins] = counts.shape();
  std::vector<double> spikes(units, 0.0), kept(units, 0.0);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (hidden.size() != 0 && hidden.values()[i] != 0) continue;
    spikes[i / bins % units] += counts.values()[i];
    kept[i / bins % units] += 1.0;
  }
  for (std::size_t unit = 0; unit < units; ++unit) {
    if (kept[unit] > 0.0) spikes[unit] *= 1000.0 / (kept[unit] * bin_ms);
  }
  return spikes;
}

Array<std::uint8_t, 3> block_parts(const Array<std::uint16_t, 3>::Shape& shape, std::size_t block_bins,
                                   std::size_t parts, std::size_t patterns, std::uint64_t seed) {
  if (block_bins == 0 || parts == 0 || parts > 255 || patterns == 0) {
    throw Error(ErrorKind::bug, "cannot deal blocks of {} bins to {} parts in {} patterns", block_bins, parts,
                patterns);
  }
  RandomStream random(derive_seed(seed, "block_parts"));
  Array<std::uint8_t, 3> result(shape);
  const std::size_t bins = shape[2], pattern_entries = std::min(patterns, shape[0]) * shape[1] * bins;
  for (std::size_t row = 0; row < pattern_entries; row += bins) {
    std::size_t block_end = random.below(block_bins) + 1;
    for (std::size_t first = 0; first < bins; block_end += block_bins) {
      const std::size_t end = std::min(block_end, bins);
      const auto part = static_cast<std::uint8_t>(random.below(parts));
      std::fill(result.data() + row + first, result.data() + row + end, part);
      first = end;
    }
  }
  for (std::size_t i = pattern_entries; i < result.size(); ++i)
    result.data()[i] = result.data()[i - pattern_entries];
  return result;
}

Hidden hide_part(const Array<std::uint8_t, 3>& parts, std::size_t part) {
  Hidden hidden(parts.shape());
  std::transform(parts.values().begin(), parts.values().end(), hidden.values().begin(),
                 [&](std::uint8_t entry) { return static_cast<std::uint8_t>(entry == part); });
  return hidden;
}

void predict_held_out(const Array<std::uint8_t, 3>& parts, std::size_t count,
                      const std::function<Array<float, 3>(const Hidden&)>& predict_hz, HeldOutRates& held_out,
                      const std::stop_token& stop) {
  if (held_out.parts == 0) held_out.rate_hz = Array<float, 3>(parts.shape());
  for (std::uint32_t& part = held_out.parts; part < count; ++part) {
    end_if_stopped(stop);
    const Array<float, 3> predicted_hz = predict_hz(hide_part(parts, part));
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts.values()[i] == part) held_out.rate_hz.values()[i] = predicted_hz.values()[i];
    }
  }
}

}  // namespace rnn_rates::neural
