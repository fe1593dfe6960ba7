#include "plot/trial_statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace rnn_rates::plot {

MeanAndError mean_and_error(const Array<float, 2>& values) {
  MeanAndError result{trial_mean(values), {}};
  for (std::size_t bin = 0; bin < result.mean.size(); ++bin) {
    double squares = 0.0, known = 0.0;
    for (std::size_t trial = 0; trial < values.extent(0); ++trial) {
      const double difference =
          static_cast<double>(values(trial, bin)) - static_cast<double>(result.mean[bin]);
      if (!std::isfinite(difference)) continue;
      squares += difference * difference;
      known += 1.0;
    }
    result.error.push_back(known > 1.0 ? static_cast<float>(std::sqrt(squares / (known - 1.0) / known))
                                       : 0.0F);
  }
  return result;
}

std::vector<float> error_band(std::span<const double> time_ms, const MeanAndError& rate_hz) {
  std::vector<float> band;
  for (std::size_t bin = 0; bin < rate_hz.mean.size(); ++bin) {
    const float mean = rate_hz.mean[bin], error = rate_hz.error[bin];
    band.insert(band.end(), {static_cast<float>(time_ms[bin]), std::max(mean - error, 0.0F), mean + error});
  }
  return band;
}

std::vector<float> percentile_band(std::span<const double> time_ms, const Array<float, 3>& rate_hz,
                                   std::size_t unit, double share) {
  std::vector<float> band, known;
  for (std::size_t bin = 0; bin < time_ms.size(); ++bin) {
    known.clear();
    for (std::size_t trial = 0; trial < rate_hz.extent(0); ++trial) {
      if (std::isfinite(rate_hz(trial, unit, bin))) known.push_back(rate_hz(trial, unit, bin));
    }
    std::sort(known.begin(), known.end());
    band.push_back(static_cast<float>(time_ms[bin]));
    for (const double rank : {(1.0 - share) / 2.0, (1.0 + share) / 2.0}) {
      const auto at = static_cast<std::size_t>(std::lround(rank * static_cast<double>(known.size()) - rank));
      band.push_back(known.empty() ? std::numeric_limits<float>::quiet_NaN() : known[at]);
    }
  }
  return band;
}

std::string bands_note(const RegionRates& rates) {
  const bool many = std::any_of(rates.tastes.begin(), rates.tastes.end(),
                                [](const TasteRates& taste) { return taste.trials() > most_trial_lines; });
  return many ? fmt::format("; of more than {} trials, bands that hold 50 and 90% of them", most_trial_lines)
              : "";
}

double psth_sigma_ms(const RegionRates& rates) {
  return std::max(std::min(2.0 * rates.bin_ms, 50.0), rates.bin_ms);
}

Array<float, 2> psth_hz(const RegionRates& rates, const TasteRates& taste, std::size_t unit) {
  const Array<float, 2> binned = binned_rate_hz(rates, taste, unit);
  const double sigma_bins = psth_sigma_ms(rates) / rates.bin_ms;
  const auto reach = static_cast<std::size_t>(std::ceil(3.0 * sigma_bins));
  std::vector<double> weights;
  for (std::size_t lag = 0; lag <= reach; ++lag) {
    const double z = static_cast<double>(lag) / sigma_bins;
    weights.push_back(std::exp(-z * z / 2.0));
  }
  Array<float, 2> smooth(binned.shape());
  for (std::size_t trial = 0; trial < binned.extent(0); ++trial) {
    for (std::size_t bin = 0; bin < binned.extent(1); ++bin) {
      double sum = 0.0, weight = 0.0;
      const std::size_t last = std::min(bin + reach + 1, binned.extent(1));
      for (std::size_t other = bin - std::min(bin, reach); other < last; ++other) {
        if (!std::isfinite(binned(trial, other))) continue;
        const double w = weights[other > bin ? other - bin : bin - other];
        sum += w * static_cast<double>(binned(trial, other));
        weight += w;
      }
      const bool known = std::isfinite(binned(trial, bin));
      smooth(trial, bin) = known ? static_cast<float>(sum / weight) : std::numeric_limits<float>::quiet_NaN();
    }
  }
  return smooth;
}

std::string psth_label(const RegionRates& rates) {
  return fmt::format("PSTH, Gaussian of {:g} ms", psth_sigma_ms(rates));
}

}  // namespace rnn_rates::plot
