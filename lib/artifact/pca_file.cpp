#include "artifact/pca_file.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/natural_order.hpp"
#include "h5/dataset.hpp"
#include "h5/strings.hpp"

namespace rnn_rates::artifact {
namespace {

void write_fit(h5::File& file, const FitScores& fit) {
  const std::string group = "/fits/" + fit.name;
  const std::vector<std::string> labels = {fit.region, fit.taste};
  h5::write_strings(file, group + "/region_and_taste", labels, {"region and taste of the fit", "label", "1"});
  h5::write_scalar(file, group + "/seed", fit.seed, {"seed of all that is random in this fit", "", "1"});
  const auto indices = [&](const char* name, const std::vector<std::uint32_t>& values, const char* what,
                           const char* axes) {
    h5::write_vector<std::uint32_t>(file, group + "/" + name, values, {what, axes, "1"});
  };
  indices("units", fit.units, "indices of the session's units", "unit");
  indices("trial_taste", fit.trial_taste, "taste of each trial", "trial");
  indices("train_trials", fit.train_trials, "trials that train", "index");
  indices("test_trials", fit.test_trials, "trials held out", "index");
  indices("trial_fold", fit.trial_fold, "fold that holds each trial out", "trial");
  if (!fit.bin_fold.empty()) indices("bin_fold", fit.bin_fold, "fold that holds each bin out", "bin");
  if (fit.chop_bins > 0) {
    h5::write_scalar(file, group + "/chop_bins", fit.chop_bins, {"length of a chop", "", "bins"});
    h5::write_scalar(file, group + "/chop_overlap_bins", fit.chop_overlap_bins,
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

/// Fills in chop_bins and chop_overlap_bins of a fit or its outline, where there are any.
template <class Fit>
void read_chops(const h5::File& file, const std::string& group, Fit& fit) {
  if (!h5::exists(file, group + "/chop_bins")) return;
  fit.chop_bins = h5::read_scalar<std::uint32_t>(file, group + "/chop_bins");
  fit.chop_overlap_bins = h5::read_scalar<std::uint32_t>(file, group + "/chop_overlap_bins");
  if (fit.chop_bins == 0 || fit.chop_overlap_bins >= fit.chop_bins) {
    throw Error(ErrorKind::input, "{}: chops of {} bins that share {}", file.where(group), fit.chop_bins,
                fit.chop_overlap_bins);
  }
}

FitScores read_fit(const h5::File& file, const std::string& name) {
  const std::string group = "/fits/" + name;
  FitScores fit;
  fit.name = name;
  const auto labels = h5::read_strings(file, group + "/region_and_taste");
  if (labels.size() != 2) {
    throw Error(ErrorKind::input, "{}/region_and_taste: holds {} texts, expected 2", file.where(group),
                labels.size());
  }
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
  fit.trial_fold = indices("trial_fold");
  if (h5::exists(file, group + "/bin_fold")) fit.bin_fold = indices("bin_fold");
  read_chops(file, group, fit);
  fit.mean = h5::read_vector<double>(file, group + "/mean");
  fit.scale = h5::read_vector<double>(file, group + "/scale");
  fit.basis = h5::read_array<double, 2>(file, group + "/basis");
  fit.explained_variance_ratio = h5::read_vector<double>(file, group + "/explained_variance_ratio");
  fit.scores = h5::read_array<float, 3>(file, group + "/scores");
  if (!h5::exists(file, group + "/laser")) return fit;
  fit.laser = h5::read_array<std::uint8_t, 2>(file, group + "/laser");
  if (fit.laser.extent(0) != fit.scores.extent(0) || fit.laser.extent(1) != fit.scores.extent(1)) {
    throw Error(ErrorKind::input, "{}: {} x {}, expected trials and bins of the scores, {} x {}",
                file.where(group + "/laser"), fit.laser.extent(0), fit.laser.extent(1), fit.scores.extent(0),
                fit.scores.extent(1));
  }
  return fit;
}

}  // namespace

std::size_t fold_count(std::span<const std::uint32_t> fold) {
  return fold.empty() ? 1 : std::size_t{*std::max_element(fold.begin(), fold.end())} + 1;
}

std::size_t fold_count(const FitScores& fit) {
  return fold_count(fit.bin_fold.empty() ? fit.trial_fold : fit.bin_fold);
}

std::vector<std::string> model_names(const std::string& fit, std::size_t folds) {
  if (folds == 1) return {fit};
  std::vector<std::string> names;
  for (std::size_t fold = 0; fold < folds; ++fold) names.push_back(fit + "_fold_" + std::to_string(fold));
  return names;
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
    const h5::Dataset scores(file, "/fits/" + name + "/scores");
    if (scores.shape().size() != 3) h5::detail::throw_wrong_rank(scores, 3);
    const bool by_bin = h5::exists(file, "/fits/" + name + "/bin_fold");
    const auto fold =
        h5::read_vector<std::uint32_t>(file, "/fits/" + name + (by_bin ? "/bin_fold" : "/trial_fold"));
    const h5::Dataset units(file, "/fits/" + name + "/units");
    if (units.shape().size() != 1) h5::detail::throw_wrong_rank(units, 1);
    outline.fits.push_back(
        {name, units.shape()[0], scores.shape()[0], scores.shape()[1], scores.shape()[2], fold_count(fold)});
    read_chops(file, "/fits/" + name, outline.fits.back());
  }
  return outline;
}

void write_scores(h5::File& file, const SessionScores& scores) {
  h5::write_vector<double>(file, "/bin_edges_ms", scores.bin_edges_ms,
                           {"bin edges from the start of the spike array", "edge", "ms"});
  h5::write_scalar(file, "/stim_ms", scores.stim_ms,
                   {"stimulus from the start of the spike array", "", "ms"});
  for (const FitScores& fit : scores.fits) write_fit(file, fit);
}

SessionScores read_scores(const h5::File& file) {
  SessionScores scores;
  scores.bin_edges_ms = h5::read_vector<double>(file, "/bin_edges_ms");
  scores.stim_ms = h5::read_scalar<double>(file, "/stim_ms");
  for (const std::string& name : fit_names(file)) scores.fits.push_back(read_fit(file, name));
  return scores;
}

}  // namespace rnn_rates::artifact
