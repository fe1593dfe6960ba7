#include "artifact/pca_file.hpp"

#include <algorithm>
#include <cmath>

#include "artifact/fields.hpp"
#include "core/error.hpp"

namespace rnn_rates::artifact {

using inference::ReducedFit;

namespace {

const std::string fits_group = "/fits";

template <class Io, class Session>
void session_fields(const Io& io, Session& session) {
  io("bin_edges_ms", session.bin_edges_ms, {"bin edges from the start of the spike array", "edge", "ms"});
  io("stim_ms", session.stim_ms, {"stimulus from the start of the spike array", "", "ms"});
}

/// All of a fit but its labels, folds and chops.
template <class Io, class Fit>
void fit_fields(const Io& io, Fit& fit) {
  io("seed", fit.seed, {"seed of all that is random in this fit", "", "1"});
  io("units", fit.units, {"indices of the session's units", "unit", "1"});
  io("trial_taste", fit.trial_taste, {"taste of each trial", "trial", "1"});
  io.if_any("trial_time_s", fit.trial_time_s, {"stimulus of each trial in the recording", "trial", "s"});
  io("train_trials", fit.train_trials, {"trials that train", "index", "1"});
  io("test_trials", fit.test_trials, {"trials held out", "index", "1"});
  io("mean", fit.mean, {"mean count of each unit", "unit", "spikes"});
  io("scale", fit.scale, {"standard deviation, 1 if 0", "unit", "spikes"});
  io("basis", fit.basis, {"principal components", "component unit", "1"});
  io("explained_variance_ratio", fit.explained_variance_ratio, {"share of the variance", "component", "1"});
  io("scores", fit.scores, {"scaled counts on the components", "trial bin component", "1"});
  io.if_any("laser", fit.laser, {"1 in bins with laser", "trial bin", "1"});
}

void write_fit(h5::File& file, const ReducedFit& fit) {
  const std::string group = fits_group + "/" + fit.name();
  const Writer write{file, group};
  write("region_and_taste", std::vector<std::string>{fit.region, fit.taste},
        {"region and taste of the fit", "label", "1"});
  fit_fields(write, fit);
  // No folds are folds over trials.
  const bool over_bins = fit.folds.over == neural::Folds::Over::bins;
  write("trial_fold", over_bins ? std::vector<std::uint32_t>() : fit.folds.fold,
        {"fold that holds each trial out", "trial", "1"});
  if (over_bins) write("bin_fold", fit.folds.fold, {"fold that holds each bin out", "bin", "1"});
  if (fit.chop.bins == 0) return;
  write("chop_bins", static_cast<std::uint32_t>(fit.chop.bins), {"length of a chop", "", "bins"});
  write("chop_overlap_bins", static_cast<std::uint32_t>(fit.chop.overlap),
        {"what a chop shares with the next", "", "bins"});
}

neural::ChopSize read_chop(const h5::File& file, const std::string& group) {
  if (!h5::exists(file, group + "/chop_bins")) return {};
  const neural::ChopSize chop{h5::read_scalar<std::uint32_t>(file, group + "/chop_bins"),
                              h5::read_scalar<std::uint32_t>(file, group + "/chop_overlap_bins")};
  if (chop.bins == 0 || chop.overlap >= chop.bins) {
    throw Error(ErrorKind::input, "{}: chops of {} bins that share {}", file.where(group), chop.bins,
                chop.overlap);
  }
  return chop;
}

double window_ms(const h5::File& file) {
  const auto edges_ms = h5::read_vector<double>(file, "/bin_edges_ms");
  return edges_ms.empty() ? 0 : edges_ms.back() - edges_ms.front();
}

/// A bin without a score, as no unit was observed in it, has none on any component.
void check_scores(const Array<float, 3>& scores, const std::string& where) {
  const std::size_t components = scores.extent(2);
  for (std::size_t at = 0; at < scores.size(); at += components) {
    const auto bin = scores.values().subspan(at, components);
    const auto open = std::count_if(bin.begin(), bin.end(), [](float score) { return std::isnan(score); });
    if (open == 0 || open == static_cast<std::ptrdiff_t>(components)) continue;
    throw Error(ErrorKind::input, "{}: {} of the {} scores of a bin are NaN, expected all or none", where,
                open, components);
  }
}

/// Region and taste of the fit in `group`.
std::vector<std::string> read_labels(const h5::File& file, const std::string& group) {
  std::vector<std::string> labels = h5::read_strings(file, group + "/region_and_taste");
  if (labels.size() == 2) return labels;
  throw Error(ErrorKind::input, "{}/region_and_taste: holds {} texts, expected 2", file.where(group),
              labels.size());
}

}  // namespace

ReducedFit read_reduced_fit(const h5::File& file, const std::string& name) {
  const std::string group = fits_group + "/" + name;
  const std::vector<std::string> labels = read_labels(file, group);
  ReducedFit fit;
  fit.region = labels[0];
  fit.taste = labels[1];
  fit_fields(Reader{file, group}, fit);
  fit.folds = read_folds(file, group);
  if (!fit.trial_time_s.empty()) {
    if (fit.trial_time_s.size() != fit.trial_taste.size()) {
      throw Error(ErrorKind::input, "{}: {} times of {} trials", file.where(group + "/trial_time_s"),
                  fit.trial_time_s.size(), fit.trial_taste.size());
    }
    fit.folds.overlapping = neural::overlapping_trials(fit.trial_time_s, window_ms(file));
  }
  fit.chop = read_chop(file, group);
  check_scores(fit.scores, file.where(group + "/scores"));
  if (fit.laser.size() > 0 &&
      (fit.laser.extent(0) != fit.scores.extent(0) || fit.laser.extent(1) != fit.scores.extent(1))) {
    throw Error(ErrorKind::input, "{}: {} x {}, expected trials and bins of the scores, {} x {}",
                file.where(group + "/laser"), fit.laser.extent(0), fit.laser.extent(1), fit.scores.extent(0),
                fit.scores.extent(1));
  }
  return fit;
}

SessionOutline read_outline(const h5::File& file) {
  SessionOutline outline;
  session_fields(Reader{file, ""}, outline);
  for (const std::string& name : fits_in(file, fits_group)) {
    const std::string group = fits_group + "/" + name;
    const h5::Dataset scores(file, group + "/scores"), units(file, group + "/units");
    if (scores.shape().size() != 3) h5::detail::throw_wrong_rank(scores, 3);
    if (units.shape().size() != 1) h5::detail::throw_wrong_rank(units, 1);
    const h5::Dataset test_trials(file, group + "/test_trials");
    if (test_trials.shape().size() != 1) h5::detail::throw_wrong_rank(test_trials, 1);
    outline.fits.push_back({name, units.shape()[0], scores.shape()[0], scores.shape()[1], scores.shape()[2],
                            read_folds(file, group).count(), read_chop(file, group), test_trials.shape()[0],
                            read_labels(file, group)[1]});
  }
  return outline;
}

void write_pca(h5::File& file, const inference::ReducedSession& session) {
  session_fields(Writer{file, ""}, session);
  for (const ReducedFit& fit : session.fits) write_fit(file, fit);
}

inference::ReducedSession read_pca(const h5::File& file) {
  inference::ReducedSession session;
  session_fields(Reader{file, ""}, session);
  for (const std::string& name : fits_in(file, fits_group))
    session.fits.push_back(read_reduced_fit(file, name));
  return session;
}

}  // namespace rnn_rates::artifact
