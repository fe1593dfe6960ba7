#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "plot/region_rates.hpp"

namespace rnn_rates::test {

/// Rates that go up and down with time, differently for each taste, unit and trial; one taste for each number
/// of trials. inferred rates start four bins late; true rates are those of the boxcar.
inline plot::RegionRates example_rates(std::size_t units, const std::vector<std::size_t>& trials) {
  constexpr std::size_t bins = 40, late = 4;
  plot::RegionRates rates;
  rates.session = "AM35_4Tastes";
  rates.region = "gc";
  rates.bin_ms = 25.0;
  rates.boxcar_ms = 250.0;
  for (std::size_t unit = 0; unit < units; ++unit) rates.units.push_back(fmt::format("unit {}", unit));
  for (std::size_t index = 0; index < trials.size(); ++index) {
    plot::TasteRates taste;
    taste.taste = fmt::format("taste {}", index);
    taste.index = index;
    taste.counts = Array<std::uint16_t, 3>({trials[index], units, bins});
    taste.boxcar_rate_hz = Array<float, 3>({trials[index], units, bins});
    taste.rnn_rate_hz = Array<float, 3>({trials[index], units, bins - late});
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const double time_ms = -500.0 + 25.0 * (static_cast<double>(bin) + 0.5);
      taste.time_ms.push_back(time_ms);
      if (bin >= late) taste.rnn_time_ms.push_back(time_ms);
      for (std::size_t trial = 0; trial < trials[index]; ++trial) {
        for (std::size_t unit = 0; unit < units; ++unit) {
          const double phase = static_cast<double>(index + unit) + 0.1 * static_cast<double>(trial);
          const auto rate_hz = static_cast<float>(10.0 + 5.0 * std::sin(time_ms / 200.0 + phase));
          taste.boxcar_rate_hz(trial, unit, bin) = rate_hz;
          if (bin >= late) taste.rnn_rate_hz(trial, unit, bin - late) = 0.9F * rate_hz;
          taste.counts(trial, unit, bin) = (bin + trial + unit) % 5 == 0 ? 1 : 0;
        }
      }
    }
    taste.true_rate_hz = taste.boxcar_rate_hz;
    plot::spread_spikes(taste, rates.bin_ms);
    rates.tastes.push_back(taste);
  }
  return rates;
}

}  // namespace rnn_rates::test
