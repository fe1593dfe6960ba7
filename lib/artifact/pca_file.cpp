#include "artifact/pca_file.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/natural_order.hpp"
#include "h5/dataset.hpp"
#include "h5/strings.hpp"

namespace rnn_rates::artifact {

using inference::ReducedFit;

namespace {

void write_fit(h5::File& file, const ReducedFit& fit) {
  const std::string group = "/fits/" + fit.name();
  const std::vector<std::string> labels = {fit.region, fit.taste};
  h5::write_strings(file, group + "/region_and_taste", labels, {"region and taste of the fit", "label", "1"});
  h5::write_scalar(file, group + "/seed", fit.seed, {"seed of all that is random in this fit", "", "1"});
  const auto indices = [&](const char* name, const std::vector<std::uint32_t>& values, const char* what,
                           const char* axes) {
    h5::write_vector<std::uint32_t>(file, group + "/" + name, values, {what, axes, "1"});
  };
  indices("units", fit.units, "indices of the session's units", "unit");
  indices("trial_taste", fit.trial_taste, "taste of each trial", "trial");
  if (!fit.trial_time_s.empty()) {
    h5::write_vector<double>(file, group + "/trial_time_s", fit.trial_time_s,
                             {"stimulus of each trial in the recording", "trial", "s"});
  }
  indices("train_trials", fit.train_trials, "trials that train", "index");
  indices("test_trials", fit.test_trials, "trials held out", "index");
  const bool over_bins = fit.folds.over == neural::Folds::Over::bins;
  indices("trial_fold", over_bins ? std::vector<std::uint32_t>() : fit.folds.fold,
          "fold that holds each trial out", "trial");
  if (over_bins) indices("bin_fold", fit.folds.fold, "fold that holds each bin out", "bin");
  if (fit.chop.bins > 0) {
    h5::write_scalar(file, group + "/chop_bins", static_cast<std::uint32_t>(fit.chop.bins),
                     {"length of a chop", "", "bins"});
    h5::write_scalar(file, group + "/chop_overlap_bins", static_cast<std::uint32_t>(fit.chop.overlap),
                     {"what a chop shares with the next", "", "bins"});
  }
  h5::write_vector<double>(file, group + "/mean", fit.mean, {"mean count of each unit", "unit", "spikes"});
  h5::write_vector<double>(file, group + "/scale", fit.scale,
                           {"standard deviation, 1 if 0", "unit", "spikes"});
  h5::write_array(file, group + "/basis", fit.basis, {"principal components", "component unit", "1"});
  h5::write_vector<double>(file, group + "/explained_variance_ratio", fit.explained_variance_ratio,
                           {"share of the variance", "component", "1"});
  h5::write_array(file, group + "/scores", fit.scores,
                  {"scaled counts on the components", "trial bin component", "1"});
  if (fit.laser.size() > 0)
    h5::write_array(file, group + "/laser", fit.laser, {"1 in bins with laser", "trial bin", "1"});
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

neural::Folds read_folds(const h5::File& file, const std::string& group) {
  if (h5::exists(file, group + "/bin_fold"))
    return {neural::Folds::Over::bins, h5::read_vector<std::uint32_t>(file, group + "/bin_fold")};
  return {neural::Folds::Over::trials, h5::read_vector<std::uint32_t>(file, group + "/trial_fold")};
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
  const std::string group = "/fits/" + name;
  ReducedFit fit;
  const std::vector<std::string> labels = read_labels(file, group);
  fit.region = labels[0];
  fit.taste = labels[1];
  fit.seed = h5::read_scalar<std::uint64_t>(file, group + "/seed");
  const auto indices = [&](const char* which) {
    return h5::read_vector<std::uint32_t>(file, group + "/" + which);
  };
  fit.units = indices("units");
  fit.trial_taste = indices("trial_taste");
  fit.train_trials = indices("train_trials");
  fit.test_trials = indices("test_trials");
  fit.folds = read_folds(file, group);
  if (h5::exists(file, group + "/trial_time_s")) {
    fit.trial_time_s = h5::read_vector<double>(file, group + "/trial_time_s");
    if (fit.trial_time_s.size() != fit.trial_taste.size()) {
      throw Error(ErrorKind::input, "{}: {} times of {} trials", file.where(group + "/trial_time_s"),
                  fit.trial_time_s.size(), fit.trial_taste.size());
    }
    fit.folds.overlapping = neural::overlapping_trials(fit.trial_time_s, window_ms(file));
  }
  fit.chop = read_chop(file, group);
  fit.mean = h5::read_vector<double>(file, group + "/mean");
  fit.scale = h5::read_vector<double>(file, group + "/scale");
  fit.basis = h5::read_array<double, 2>(file, group + "/basis");
  fit.explained_variance_ratio = h5::read_vector<double>(file, group + "/explained_variance_ratio");
  fit.scores = h5::read_array<float, 3>(file, group + "/scores");
  check_scores(fit.scores, file.where(group + "/scores"));
  if (!h5::exists(file, group + "/laser")) return fit;
  fit.laser = h5::read_array<std::uint8_t, 2>(file, group + "/laser");
  if (fit.laser.extent(0) != fit.scores.extent(0) || fit.laser.extent(1) != fit.scores.extent(1)) {
    throw Error(ErrorKind::input, "{}: {} x {}, expected trials and bins of the scores, {} x {}",
                file.where(group + "/laser"), fit.laser.extent(0), fit.laser.extent(1), fit.scores.extent(0),
                fit.scores.extent(1));
  }
  return fit;
}

std::vector<std::string> fit_names(const h5::File& file) {
  std::vector<std::string> names = h5::children(file, "/fits");
  std::sort(names.begin(), names.end(), natural_less);
  return names;
}

SessionOutline read_outline(const h5::File& file) {
  SessionOutline outline;
  outline.bin_edges_ms = h5::read_vector<double>(file, "/bin_edges_ms");
  outline.stim_ms = h5::read_scalar<double>(file, "/stim_ms");
  for (const std::string& name : fit_names(file)) {
    const std::string group = "/fits/" + name;
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
  h5::write_vector<double>(file, "/bin_edges_ms", session.bin_edges_ms,
                           {"bin edges from the start of the spike array", "edge", "ms"});
  h5::write_scalar(file, "/stim_ms", session.stim_ms,
                   {"stimulus from the start of the spike array", "", "ms"});
  for (const ReducedFit& fit : session.fits) write_fit(file, fit);
}

inference::ReducedSession read_pca(const h5::File& file) {
  inference::ReducedSession session;
  session.bin_edges_ms = h5::read_vector<double>(file, "/bin_edges_ms");
  session.stim_ms = h5::read_scalar<double>(file, "/stim_ms");
  for (const std::string& name : fit_names(file)) session.fits.push_back(read_reduced_fit(file, name));
  return session;
}

}  // namespace rnn_rates::artifact
