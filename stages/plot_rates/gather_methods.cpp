#include "plot_rates/gather_methods.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "h5/dataset.hpp"
#include "neural/fits.hpp"

namespace rnn_rates::plot_rates {
namespace {

/// What the log rates of the network's factors say, in Hz (trial, unit, bin).
Array<float, 3> network_rate_hz(const inference::FitRates& fit, double bin_ms) {
  const Array<float, 3>& latents = fit.latents;
  Array<float, 3> rate_hz(fit.rate_hz.shape());
  const double per_bin_hz = 1000.0 / bin_ms;
  std::vector<double> log_rate(latents.extent(2));
  for (std::size_t trial = 0; trial < rate_hz.extent(0); ++trial) {
    for (std::size_t unit = 0; unit < rate_hz.extent(1); ++unit) {
      std::fill(log_rate.begin(), log_rate.end(), static_cast<double>(fit.readout->offset[unit]));
      for (std::size_t factor = 0; factor < latents.extent(1); ++factor) {
        const auto loading = static_cast<double>(fit.readout->loadings(factor, unit));
        for (std::size_t bin = 0; bin < log_rate.size(); ++bin)
          log_rate[bin] += loading * static_cast<double>(latents(trial, factor, bin));
      }
      for (std::size_t bin = 0; bin < log_rate.size(); ++bin)
        rate_hz(trial, unit, bin) = static_cast<float>(std::exp(log_rate[bin]) * per_bin_hz);
    }
  }
  return rate_hz;
}

/// The methods in rates.h5 whose rates are of the shape of the inferred ones; but for the boxcar, which pages
/// compute.
std::vector<plot::MethodRates> methods_of(const artifact::Opened& rates, const inference::FitRates& fit,
                                          double bin_ms) {
  std::vector<plot::MethodRates> methods;
  if (fit.mixture && fit.readout) methods.push_back({"network", network_rate_hz(fit, bin_ms)});
  const std::string group = "/baselines/" + fit.name();
  if (!h5::exists(rates.file, group)) return methods;
  for (const std::string& name : h5::children(rates.file, group)) {
    if (name == word(inference::Method::boxcar)) continue;
    auto rate_hz = h5::read_array<float, 3>(rates.file, group + "/" + name);
    if (rate_hz.shape() == fit.rate_hz.shape()) methods.push_back({name, std::move(rate_hz)});
  }
  return methods;
}

plot::RegionRates& region_of(const inference::FitRates& fit, std::vector<plot::RegionRates>& regions) {
  return *std::find_if(regions.begin(), regions.end(),
                       [&](const plot::RegionRates& region) { return region.region == fit.region; });
}

/// Mean over the fits that have a score (unit); NaN where none has.
std::vector<double> means_over(const std::vector<std::vector<double>>& fits, std::size_t units) {
  std::vector<double> means;
  for (std::size_t unit = 0; unit < units; ++unit) {
    double sum = 0.0, count = 0.0;
    for (const std::vector<double>& fit : fits) {
      if (unit >= fit.size() || !std::isfinite(fit[unit])) continue;
      sum += fit[unit];
      count += 1.0;
    }
    means.push_back(count > 0.0 ? sum / count : std::numeric_limits<double>::quiet_NaN());
  }
  return means;
}

std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> result(a.size());
  std::transform(a.begin(), a.end(), b.begin(), result.begin(), std::minus<>());
  return result;
}

}  // namespace

void add_methods(const artifact::Opened& rates, const std::vector<inference::FitRates>& fits,
                 std::vector<plot::RegionRates>& regions) {
  for (const inference::FitRates& fit : fits) {
    plot::RegionRates& region = region_of(fit, regions);
    const auto methods = h5::reading([&] { return methods_of(rates, fit, region.bin_ms); });
    for (plot::TasteRates& taste : region.tastes) {
      std::vector<std::uint32_t> rows;
      for (std::uint32_t trial = 0; trial < fit.trial_taste.size(); ++trial)
        if (fit.trial_taste[trial] == taste.index) rows.push_back(trial);
      if (rows.empty()) continue;
      for (const plot::MethodRates& method : methods)
        taste.methods.push_back({method.method, neural::trials_of(method.rate_hz, rows)});
    }
  }
}

void add_unit_scores(const inference::SessionScores& scores, const std::vector<inference::FitRates>& fits,
                     std::vector<plot::RegionRates>& regions) {
  for (plot::RegionRates& region : regions) {
    std::vector<std::vector<double>> bits, over_simple;
    for (const inference::FitRates& fit : fits) {
      const auto table = std::find_if(scores.tables.begin(), scores.tables.end(),
                                      [&](const inference::ScoreTable& of) { return of.fit == fit.name(); });
      if (fit.region != region.region || table == scores.tables.end()) continue;
      const inference::MethodScore *ours = inference::published(*table),
                                   *simple = inference::best_simple(*table);
      if (ours == nullptr) continue;
      bits.push_back(ours->per_unit);
      if (simple != nullptr && simple->per_unit.size() == ours->per_unit.size())
        over_simple.push_back(difference(ours->per_unit, simple->per_unit));
    }
    region.unit_bits = means_over(bits, region.units.size());
    region.unit_bits_over_simple = means_over(over_simple, region.units.size());
  }
}

}  // namespace rnn_rates::plot_rates
