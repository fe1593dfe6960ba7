#include "neural/observed.hpp"

#include <algorithm>
#include <limits>

namespace rnn_rates::neural {
namespace {

/// Edges of bins are rounded.
constexpr double rounding_s = 1e-6;

bool lies_within(const Interval& bin, const Intervals& time) {
  const auto next =
      std::upper_bound(time.begin(), time.end(), bin.start_s + rounding_s,
                       [](double start_s, const Interval& interval) { return start_s < interval.start_s; });
  return next != time.begin() && bin.stop_s - rounding_s <= std::prev(next)->stop_s;
}

template <class T>
void leave_open(Array<T, 3>& rates, const Observed& observed) {
  if (observed.size() == 0) return;
  const auto [trials, units, bins] = rates.shape();
  const std::size_t first_bin = observed.extent(2) - bins;
  for (std::size_t trial = 0; trial < trials; ++trial) {
    for (std::size_t unit = 0; unit < units; ++unit) {
      for (std::size_t bin = 0; bin < bins; ++bin) {
        if (observed(trial, unit, first_bin + bin) == 0)
          rates(trial, unit, bin) = std::numeric_limits<T>::quiet_NaN();
      }
    }
  }
}

}  // namespace

Observed observed_bins(std::span<const Intervals> unit_time, std::span<const double> stimulus_s,
                       const BinGrid& grid) {
  Observed observed({stimulus_s.size(), unit_time.size(), grid.bins});
  for (std::size_t trial = 0; trial < stimulus_s.size(); ++trial) {
    const double start_s = stimulus_s[trial] + (grid.start_ms - grid.stim_ms) / 1000;
    const auto at_s = [&](std::size_t edge) {
      return start_s + static_cast<double>(edge) * grid.bin_ms / 1000;
    };
    for (std::size_t unit = 0; unit < unit_time.size(); ++unit) {
      if (lies_within({at_s(0), at_s(grid.bins)}, unit_time[unit])) {
        std::fill_n(&observed(trial, unit, 0), grid.bins, std::uint8_t{1});
        continue;
      }
      for (std::size_t bin = 0; bin < grid.bins; ++bin) {
        observed(trial, unit, bin) = lies_within({at_s(bin), at_s(bin + 1)}, unit_time[unit]) ? 1 : 0;
      }
    }
  }
  return observed;
}

Hidden hidden_or_unobserved(const Hidden& hidden, const Observed& observed) {
  if (observed.size() == 0) return hidden;
  Hidden either(observed.shape());
  for (std::size_t i = 0; i < either.size(); ++i) {
    const bool is_hidden = hidden.size() != 0 && hidden.values()[i] != 0;
    either.values()[i] = is_hidden || observed.values()[i] == 0 ? 1 : 0;
  }
  return either;
}

void leave_unobserved_open(Array<float, 3>& rates, const Observed& observed) { leave_open(rates, observed); }
void leave_unobserved_open(Array<double, 3>& rates, const Observed& observed) { leave_open(rates, observed); }

}  // namespace rnn_rates::neural
