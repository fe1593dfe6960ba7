#include "plot_rates/gather.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "artifact/pca_file.hpp"
#include "inference/fit_data.hpp"
#include "neural/binning.hpp"
#include "neural/fits.hpp"
#include "neural/observed.hpp"
#include "neural/smoothing.hpp"
#include "plot_rates/latent_axes.hpp"

namespace rnn_rates::plot_rates {
namespace {

/// Width of the boxcar that the Python program shows, and in short windows an eighth of them, in whole bins.
double boxcar_ms(const artifact::SessionBins& bins) {
  constexpr double usual_ms = 250.0, share = 1.0 / 8.0;
  const double most_ms = std::max(std::round(share * bins.window_ms() / bins.bin_ms()), 1.0) * bins.bin_ms();
  return std::min(usual_ms, most_ms);
}

/// Where a boxcar would reach out of the window, the mean of what is left of it would be of fewer bins, and
/// noisier than everywhere else.
void leave_edges_open(Array<float, 3>& rate_hz, double bin_ms, double width_ms) {
  const auto [trials, units, bins] = rate_hz.shape();
  const auto width = static_cast<std::size_t>(std::lround(width_ms / bin_ms));
  for (std::size_t bin = 0; bin < bins; ++bin) {
    if (bin >= width / 2 && bin + (width - width / 2) <= bins) continue;
    for (std::size_t trial = 0; trial < trials; ++trial) {
      for (std::size_t unit = 0; unit < units; ++unit)
        rate_hz(trial, unit, bin) = std::numeric_limits<float>::quiet_NaN();
    }
  }
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

/// Times from the stimulus, (trial, unit) flat, of the trials from `first` on.
std::vector<std::vector<float>> spikes_of(const artifact::WindowSpikes& spikes, std::size_t first,
                                          std::size_t trials, const std::vector<std::uint32_t>& units,
                                          double stim_in_window_ms) {
  std::vector<std::vector<float>> times;
  times.reserve(trials * units.size());
  for (std::size_t trial = first; trial < first + trials; ++trial) {
    for (const std::uint32_t unit : units) {
      std::vector<float> train;
      for (const std::uint32_t ms : spikes.of(trial, unit))
        train.push_back(static_cast<float>(ms + 0.5 - stim_in_window_ms));
      times.push_back(std::move(train));
    }
  }
  return times;
}

plot::TasteRates gather_taste(const artifact::SessionBins& bins,
                              const std::optional<artifact::WindowSpikes>& spikes,
                              const inference::FitRates& fit, std::uint32_t taste) {
  const neural::BinGrid grid = neural::grid_of_edges(bins.bin_edges_ms, bins.stim_ms);
  plot::TasteRates rates;
  rates.taste = bins.taste_names[taste];
  rates.index = taste;
  const neural::Fit shown{.region = "", .taste = "", .units = fit.units, .tastes = {taste}};
  rates.counts = neural::counts_of_fit(bins.counts, shown);
  rates.observed = neural::entries_of_fit<std::uint8_t>(bins.observed, shown);
  rates.boxcar_rate_hz = neural::boxcar_rate_hz(rates.counts, grid.bin_ms, boxcar_ms(bins),
                                                neural::hidden_or_unobserved({}, rates.observed));
  neural::leave_unobserved_open(rates.boxcar_rate_hz, rates.observed);
  leave_edges_open(rates.boxcar_rate_hz, grid.bin_ms, boxcar_ms(bins));
  rates.time_ms = grid.centers_from_stim_ms();
  std::size_t first = 0;
  for (std::uint32_t before = 0; before < taste; ++before) first += bins.counts[before].extent(0);
  if (spikes) {
    rates.spikes_ms = spikes_of(*spikes, first, rates.counts.extent(0), fit.units,
                                bins.stim_ms - bins.bin_edges_ms.front());
  } else {
    plot::spread_spikes(rates, grid.bin_ms);
  }
  std::vector<std::uint32_t> rows;
  for (std::uint32_t trial = 0; trial < fit.trial_taste.size(); ++trial) {
    if (fit.trial_taste[trial] == taste) rows.push_back(trial);
  }
  rates.rnn_rate_hz = neural::trials_of(fit.rate_hz, rows);
  rates.rnn_time_ms = fit.time_ms;
  rates.latents = neural::trials_of(fit.latents, rows);
  if (fit.folds) {
    rates.standard_error_hz = neural::trials_of(fit.folds->rate_standard_error_hz, rows);
    rates.out_of_fold_hz = neural::trials_of(fit.folds->rate_out_of_fold_hz, rows);
    const neural::Folds& folds = fit.folds->folds;
    for (const std::uint32_t row : rows) {
      if (folds.over == neural::Folds::Over::trials) rates.trial_fold.push_back(folds.fold[row]);
    }
  }
  for (const std::uint32_t row : rows) {
    rates.held_out.push_back(std::find(fit.test_trials.begin(), fit.test_trials.end(), row) !=
                             fit.test_trials.end());
  }
  if (bins.true_rate_hz) {
    rates.true_rate_hz = select(*bins.true_rate_hz, range(first, bins.counts[taste].extent(0)), fit.units);
  }
  return rates;
}

/// What a network is told beside the spikes.
plot::FitInputs context_of(const inference::FitData& data, NetworkKind network) {
  const inference::ReducedFit& fit = data.fit;
  const neural::BinGrid& grid = data.grid;
  const Array<float, 3> context = data.context(network);
  plot::FitInputs given{.session = {},
                        .name = fit.name(),
                        .fit = {},
                        .time_ms = grid.centers_from_stim_ms(),
                        .bin_ms = grid.bin_ms,
                        .pulse = {&context(0, 0, 0), &context(0, 0, 0) + grid.bins},
                        .trial_numbers = {},
                        .laser = Array<float, 2>(fit.laser.shape()),
                        .kind = {},
                        .names = {},
                        .values = {}};
  for (std::size_t trial = 0; trial < context.extent(0); ++trial)
    given.trial_numbers.push_back(context(trial, 1, 0));
  std::copy_n(fit.laser.data(), fit.laser.size(), given.laser.data());
  return given;
}

/// The autoencoder reads principal components.
void add_components(const inference::ReducedFit& fit, plot::FitInputs& given) {
  given.kind = "components";
  given.values = permute(fit.scores, {0, 2, 1});
  for (std::size_t component = 0; component < fit.scores.extent(2); ++component)
    given.names.push_back(fmt::format("component {}", component + 1));
}

/// The masked GRU reads standardised counts.
void add_units(const inference::FitData& data, const inference::FitModel& model, plot::FitInputs& given) {
  given.kind = "units";
  const Array<std::uint16_t, 3>& counts = data.counts;
  given.values = Array<float, 3>(counts.shape());
  for (std::size_t unit = 0; unit < counts.extent(1); ++unit) {
    given.names.push_back(unit_name(data.fit.units[unit]));
    for (std::size_t trial = 0; trial < counts.extent(0); ++trial) {
      for (std::size_t bin = 0; bin < counts.extent(2); ++bin) {
        given.values(trial, unit, bin) = static_cast<float>(
            (counts(trial, unit, bin) - model.input_mean.at(unit)) / model.input_scale.at(unit));
      }
    }
  }
}

}  // namespace

std::string unit_name(std::uint32_t unit) { return fmt::format("unit {:03}", unit); }

std::vector<plot::RegionRates> gather_regions(const std::string& session, const artifact::SessionBins& bins,
                                              const std::optional<artifact::WindowSpikes>& spikes,
                                              const std::vector<inference::FitRates>& fits,
                                              const std::string& condition_word) {
  std::vector<plot::RegionRates> regions;
  for (const inference::FitRates& fit : fits) {
    if (regions.empty() || regions.back().region != fit.region) {
      plot::RegionRates fresh{.session = session,
                              .region = fit.region,
                              .bin_ms = bins.bin_ms(),
                              .boxcar_ms = boxcar_ms(bins),
                              .spike_times = spikes.has_value(),
                              .condition_word = condition_word};
      for (const std::uint32_t unit : fit.units) {
        fresh.units.push_back(unit_name(unit));
        fresh.unit_regions.push_back(bins.unit_regions[unit]);
      }
      regions.push_back(std::move(fresh));
    }
    std::vector<std::uint32_t> tastes = fit.trial_taste;
    tastes.erase(std::unique(tastes.begin(), tastes.end()), tastes.end());
    std::vector<plot::TasteRates>& gathered = regions.back().tastes;
    const std::size_t before = gathered.size(), number = before == 0 ? 0 : gathered.back().fit + 1;
    for (const std::uint32_t taste : tastes) {
      gathered.push_back(gather_taste(bins, spikes, fit, taste));
      gathered.back().fit = number;
    }
    add_latent_axes(fit, std::span(gathered).subspan(before));
  }
  return regions;
}

std::string fit_title(const inference::FitRates& fit, const artifact::SessionBins& bins,
                      const std::string& condition_word) {
  return fmt::format(
      "region {}, {}", fit.region,
      fit.taste == "all" ? "all " + condition_word + "s" : bins.taste_names[fit.trial_taste.front()]);
}

std::vector<plot::FitLosses> gather_losses(const std::string& session, const artifact::SessionBins& bins,
                                           const Inputs& inputs, const std::string& condition_word) {
  std::vector<plot::FitLosses> losses;
  for (const Model& model : inputs.models) {
    const auto fit =
        std::find_if(inputs.fits.begin(), inputs.fits.end(),
                     [&](const inference::FitRates& other) { return other.name() == model.fit; });
    const inference::FitModel trained = artifact::read(model.file, artifact::model, artifact::read_model);
    losses.push_back(
        {.session = session,
         .fit = fit_title(*fit, bins, condition_word),
         .unit = trained.network == NetworkKind::masked_gru ? "nats per bin" : "mean squared error",
         .train = trained.train_loss,
         .validation_steps = trained.validation_steps,
         .validation = trained.validation_loss,
         .best_step = trained.best_step,
         .colour = fit->trial_taste.front()});
  }
  return losses;
}

std::vector<plot::FitCalibration> gather_calibrations(const artifact::SessionBins& bins,
                                                      const std::vector<inference::FitRates>& fits,
                                                      const std::string& condition_word) {
  std::vector<plot::FitCalibration> calibrations;
  calibrations.reserve(fits.size());
  for (const inference::FitRates& fit : fits) {
    if (!fit.calibration) continue;
    calibrations.push_back({fit_title(fit, bins, condition_word), fit.calibration->predicted_hz,
                            fit.calibration->counted_hz, fit.calibration->counted_standard_error_hz});
  }
  return calibrations;
}

std::vector<plot::FitInputs> gather_inputs(const run::SessionFolder& session,
                                           const artifact::SessionBins& bins, const Inputs& inputs,
                                           const std::string& condition_word) {
  if (!std::filesystem::exists(session.pca())) return {};
  const artifact::Opened pca = artifact::open(session.pca(), artifact::pca);
  artifact::check_made_from(inputs.rates, artifact::rates, pca.as_input(artifact::pca));
  inference::ReducedSession scores = artifact::read(pca, artifact::pca, artifact::read_pca);
  const neural::BinGrid grid = neural::grid_of_edges(bins.bin_edges_ms, bins.stim_ms);
  std::vector<plot::FitInputs> all;
  for (inference::ReducedFit& fit : scores.fits) {
    const auto rates =
        std::find_if(inputs.fits.begin(), inputs.fits.end(),
                     [&](const inference::FitRates& other) { return other.name() == fit.name(); });
    const auto model = std::find_if(inputs.models.begin(), inputs.models.end(),
                                    [&](const Model& other) { return other.fit == fit.name(); });
    if (rates == inputs.fits.end() || model == inputs.models.end()) continue;
    const inference::FitModel trained = artifact::read(model->file, artifact::model, artifact::read_model);
    const inference::FitData data = inference::make_fit_data(std::move(fit), grid, bins.counts);
    plot::FitInputs given = context_of(data, trained.network);
    given.session = session.id;
    given.fit = fit_title(*rates, bins, condition_word);
    if (trained.network == NetworkKind::masked_gru) {
      add_units(data, trained, given);
    } else {
      add_components(data.fit, given);
    }
    all.push_back(std::move(given));
  }
  return all;
}

}  // namespace rnn_rates::plot_rates
