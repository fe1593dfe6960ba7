#include "reduce_pca/run.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "artifact/artifact.hpp"
#include "artifact/bins_file.hpp"
#include "artifact/pca_file.hpp"
#include "core/error.hpp"
#include "core/random.hpp"
#include "core/stop.hpp"
#include "neural/chop.hpp"
#include "neural/fits.hpp"
#include "neural/overlap.hpp"
#include "neural/pca.hpp"
#include "neural/scaler.hpp"

namespace rnn_rates::reduce_pca {
namespace {

/// Equal for equal spikes, settings and fit, whatever the session's folder is called.
std::uint64_t fit_seed(const config::ReducePca& settings, const std::string& counts_digest,
                       const std::string& fit) {
  return derive_seed(static_cast<std::uint64_t>(settings.seed), counts_digest + " " + fit);
}

inference::ReducedFit reduce(const artifact::SessionBins& bins, const neural::Fit& fit, std::uint64_t seed,
                             const config::ReducePca& settings, const neural::ChopSize& chop) {
  inference::ReducedFit scores{.region = fit.region, .taste = fit.taste, .seed = seed};
  scores.units = fit.units;
  scores.trial_taste = neural::trial_tastes(bins.counts, fit);
  scores.laser = neural::laser_of_fit(bins.laser, fit);
  scores.chop = chop;
  scores.trial_time_s = neural::of_trials_of_fit(bins.trial_time_s, bins.counts, fit);
  const std::size_t trials = scores.trial_taste.size(), folds = static_cast<std::size_t>(settings.folds);
  scores.folds = trials == 1
                     ? neural::assign_bin_folds(bins.bins(), folds, chop)
                     : neural::assign_folds_apart(scores.trial_time_s, bins.window_ms(), trials, folds);
  neural::Split split =
      scores.folds.empty()
          ? neural::split_trials_apart(scores.trial_taste, scores.trial_time_s, bins.window_ms(),
                                       settings.train_test_split, derive_seed(seed, "split"))
          : neural::Split{.train_trials = neural::all_indices(trials), .test_trials = {}};
  std::vector<std::uint32_t> fit_on = split.train_trials;
  if (settings.pca.fit_on == FitOn::all) fit_on = neural::all_indices(trials);
  scores.train_trials = std::move(split.train_trials);
  scores.test_trials = std::move(split.test_trials);

  const Array<std::uint16_t, 3> counts = neural::counts_of_fit(bins.counts, fit);
  const neural::Observed observed = neural::entries_of_fit<std::uint8_t>(bins.observed, fit);
  neural::Scaler scaler = neural::fit_scaler(counts, fit_on, observed);
  const Array<double, 3> scaled = neural::scale_counts(counts, scaler, observed);
  neural::Pca pca = settings.pca.enabled
                        ? neural::fit_pca(scaled, fit_on, settings.pca.variance, stop_token())
                        : neural::identity_pca(scaled, fit_on);
  scores.scores = neural::project(scaled, pca, observed, stop_token());
  scores.mean = std::move(scaler.mean);
  scores.scale = std::move(scaler.scale);
  scores.basis = std::move(pca.basis);
  scores.explained_variance_ratio = std::move(pca.explained_variance_ratio);
  return scores;
}

void warn_of_overlaps(const run::SessionFolder& session, const inference::ReducedFit& fit, double window_ms) {
  const auto& overlapping = fit.folds.overlapping;
  const auto overlap = std::count_if(overlapping.begin(), overlapping.end(),
                                     [](const auto& others) { return !others.empty(); });
  if (overlap == 0) return;
  spdlog::warn(
      "{} {}: the windows of {} ms of {} of {} trials overlap, so some spikes count in several trials. "
      "Networks "
      "are tested on runs of neighbouring trials, and not trained on trials that overlap with these",
      session.id, fit.name(), window_ms, overlap, fit.trial_taste.size());
}

/// Of the fits of separate regions, those that read so few units that little but their own spikes is left.
void warn_of_few_units(const run::SessionFolder& session, const std::vector<neural::Fit>& fits) {
  constexpr std::size_t few = 2;
  std::size_t most = 0;
  for (const neural::Fit& fit : fits) most = std::max(most, fit.units.size());
  std::string warned;
  for (const neural::Fit& fit : fits) {
    if (fit.units.size() > few || most <= few || fit.region == warned) continue;
    warned = fit.region;
    spdlog::warn(
        "{}: region {} has {}, so there is little but {} own spikes to tell its rates from. Leave the region "
        "out with the setting units, or, if regions will not be compared, let one network read all units "
        "with "
        "fits.separate_regions = false",
        session.id, fit.region, fit.units.size() == 1 ? "1 unit" : "2 units",
        fit.units.size() == 1 ? "that unit's" : "their");
  }
}

inference::ReducedSession reduce_session(const artifact::SessionBins& bins, const std::string& counts_digest,
                                         const run::SessionFolder& session,
                                         const config::ReducePca& settings) {
  const neural::ChopSize chop =
      neural::chop_size(settings.chop.window_ms, settings.chop.overlap_ms, bins.bin_ms());
  inference::ReducedSession all{.bin_edges_ms = bins.bin_edges_ms, .stim_ms = bins.stim_ms, .fits = {}};
  const auto fits = neural::plan_fits(bins.unit_regions, bins.counts.size(), settings.fits.separate_regions,
                                      settings.fits.separate_tastes, bins.taste_laser);
  warn_of_few_units(session, fits);
  for (const neural::Fit& fit : fits) {
    end_if_stop_requested();
    try {
      all.fits.push_back(reduce(bins, fit, fit_seed(settings, counts_digest, fit.name()), settings, chop));
    } catch (const Error& error) {
      end_if_stop_requested();
      throw Error(error.kind(), "{}, {}: {}", session.bins().string(), fit.name(), error.what());
    }
    const inference::ReducedFit& done = all.fits.back();
    warn_of_overlaps(session, done, bins.window_ms());
    const std::size_t folds = done.folds.count();
    const std::string held_out =
        folds == 1 ? fmt::format("{} held out", done.test_trials.size()) : fmt::format("{} folds", folds);
    spdlog::info("{} {}: {} trials ({}), {} units, {} components", session.id, done.name(),
                 done.trial_taste.size(), held_out, done.units.size(), done.scores.extent(2));
  }
  return all;
}

}  // namespace

run::SessionReport Stage::run(const run::Context& context, const run::SessionFolder& session,
                              const mpi::Group&) {
  const artifact::Opened input = artifact::open(session.bins(), artifact::bins);
  run::warn_of_other_settings(context, input, artifact::bins);
  artifact::Provenance provenance = context.provenance();
  provenance.inputs = {input.as_input(artifact::bins)};
  run::SessionReport report;
  if (!run::needs_computing(context, session.pca(), artifact::pca, provenance, report)) return report;
  // First, as it finds what is damaged.
  const artifact::SessionBins bins = artifact::read(input, artifact::bins, artifact::read_bins);
  const inference::ReducedSession scores =
      reduce_session(bins, artifact::digest_of_counts(input.file), session, settings_of(context));
  run::publish(session.pca(), artifact::pca, provenance, report,
               [&](h5::File& file) { artifact::write_pca(file, scores); });
  return report;
}

}  // namespace rnn_rates::reduce_pca
