#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/array.hpp"
#include "h5/file.hpp"

namespace rnn_rates::artifact {

/// One fit of a session: some units on the trials of some tastes, scaled and reduced. Trials of several
/// tastes stand in taste order.
struct FitScores {
  std::string name;    ///< region_<r>_taste_<t>
  std::string region;  ///< "all" for all units
  std::string taste;   ///< its index, or "all"
  std::uint64_t seed = 0;
  std::vector<std::uint32_t> units;        ///< indices into the session's units
  std::vector<std::uint32_t> trial_taste;  ///< (trial) index of the taste
  std::vector<std::uint32_t> train_trials;
  std::vector<std::uint32_t> test_trials;        ///< empty where there are too few trials to hold any out
  std::vector<std::uint32_t> trial_fold;         ///< (trial) the fold that holds it out; empty without folds
  std::vector<std::uint32_t> bin_fold;           ///< (bin) the same of a single trial in chops; else empty
  std::uint32_t chop_bins = 0;                   ///< the network reads stretches of so many bins; 0: trials
  std::uint32_t chop_overlap_bins = 0;           ///< what a stretch shares with the next
  std::vector<double> mean;                      ///< (unit) spikes per bin
  std::vector<double> scale;                     ///< (unit) spikes per bin
  Array<double, 2> basis;                        ///< (component, unit), orthonormal
  std::vector<double> explained_variance_ratio;  ///< (component)
  Array<float, 3> scores;                        ///< (trial, bin, component)
  Array<std::uint8_t, 2> laser;                  ///< (trial, bin) 1 with laser; empty unless it is an input
};

/// What pca.h5 holds.
struct SessionScores {
  std::vector<double> bin_edges_ms;  ///< as in bins.h5
  double stim_ms = 0;
  std::vector<FitScores> fits;
};

/// Folds of a fit by its trial_fold or bin_fold; 1 without folds.
std::size_t fold_count(std::span<const std::uint32_t> fold);
std::size_t fold_count(const FitScores& fit);

/// Names of a fit's networks: <fit>, or <fit>_fold_<k> for each of several folds.
std::vector<std::string> model_names(const std::string& fit, std::size_t folds);

/// Names of the fits in a pca.h5 in natural order (taste 2 before taste 10), which is that of
/// SessionScores::fits.
std::vector<std::string> fit_names(const h5::File& file);

/// What can be said of a pca.h5 without reading its values.
struct FitOutline {
  std::string name;
  std::size_t units, trials, bins, components, folds;
  std::uint32_t chop_bins = 0, chop_overlap_bins = 0;
};
struct SessionOutline {
  std::vector<double> bin_edges_ms;
  double stim_ms = 0;
  std::vector<FitOutline> fits;
};
/// Throws Error(input).
SessionOutline read_outline(const h5::File& file);

void write_scores(h5::File& file, const SessionScores& scores);
/// Throws Error(input).
SessionScores read_scores(const h5::File& file);

}  // namespace rnn_rates::artifact
