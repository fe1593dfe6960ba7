#include "plot_rates/gather.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "neural/binning.hpp"
#include "neural/fits.hpp"
#include "neural/smoothing.hpp"

namespace rnn_rates::plot_rates {
namespace {

/// Width of the boxcar that the Python program shows.
constexpr double boxcar_ms = 250;

/// "gc" of "region_gc_taste_0".
std::string region_of(const std::string& fit) {
  const std::size_t begin = std::string("region_").size();
  return fit.substr(begin, fit.rfind("_taste_") - begin);
}

/// The rows `trials` (in that order) and columns `units` of (trial, unit, bin).
Array<float, 3> select(const Array<float, 3>& rates, const std::vector<std::uint32_t>& trials,
                       const std::vector<std::uint32_t>& units) {
  Array<float, 3> selected({trials.size(), units.size(), rates.extent(2)});
  for (std::size_t t = 0; t < trials.size(); ++t) {
    for (std::size_t u = 0; u < units.size(); ++u) {
      std::copy_n(&rates(trials[t], units[u], 0), rates.extent(2), &selected(t, u, 0));
    }
  }
  return selected;
}

std::vector<std::uint32_t> range(std::size_t first, std::size_t count) {
  std::vector<std::uint32_t> indices;
  for (std::size_t i = 0; i < count; ++i) indices.push_back(static_cast<std::uint32_t>(first + i));
  return indices;
}

plot::TasteRates gather_taste(const artifact::SessionBins& bins, const artifact::FitRates& fit,
                              std::uint32_t taste) {
  const neural::BinGrid grid = neural::grid_of_edges(bins.bin_edges_ms, bins.stim_ms);
  plot::TasteRates rates;
  rates.taste = bins.taste_names[taste];
  rates.index = taste;
  rates.counts =
      neural::counts_of_fit(bins.counts, {.region = "", .taste = "", .units = fit.units, .tastes = {taste}});
  rates.boxcar_rate_hz = neural::boxcar_rate_hz(rates.counts, grid.bin_ms, boxcar_ms);
  rates.time_ms = grid.centers_from_stim_ms();
  std::vector<std::uint32_t> rows;
  for (std::uint32_t trial = 0; trial < fit.trial_taste.size(); ++trial) {
    if (fit.trial_taste[trial] == taste) rows.push_back(trial);
  }
  rates.rnn_rate_hz = select(fit.rate_hz, rows, range(0, fit.units.size()));
  rates.rnn_time_ms = fit.time_ms;
  if (bins.true_rate_hz) {
    std::size_t first = 0;
    for (std::uint32_t before = 0; before < taste; ++before) first += bins.counts[before].extent(0);
    rates.true_rate_hz = select(*bins.true_rate_hz, range(first, bins.counts[taste].extent(0)), fit.units);
  }
  return rates;
}

}  // namespace

std::vector<plot::RegionRates> gather_regions(const std::string& session, const artifact::SessionBins& bins,
                                              const std::vector<artifact::FitRates>& fits) {
  std::vector<plot::RegionRates> regions;
  for (const artifact::FitRates& fit : fits) {
    const std::string region = region_of(fit.name);
    if (regions.empty() || regions.back().region != region) {
      plot::RegionRates fresh{
          .session = session, .region = region, .bin_ms = bins.bin_ms(), .boxcar_ms = boxcar_ms};
      for (const std::uint32_t unit : fit.units) fresh.units.push_back(fmt::format("unit {:03}", unit));
      regions.push_back(std::move(fresh));
    }
    std::vector<std::uint32_t> tastes = fit.trial_taste;
    tastes.erase(std::unique(tastes.begin(), tastes.end()), tastes.end());
    for (const std::uint32_t taste : tastes) regions.back().tastes.push_back(gather_taste(bins, fit, taste));
  }
  return regions;
}

plot::FitLosses gather_losses(const std::string& session, const std::string& fit,
                              const artifact::FitModel& model) {
  return {.session = session,
          .fit = fit,
          .train = model.train_loss,
          .validation_steps = model.validation_steps,
          .validation = model.validation_loss,
          .best_step = model.best_step};
}

}  // namespace rnn_rates::plot_rates
