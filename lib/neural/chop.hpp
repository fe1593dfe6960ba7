#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/array.hpp"
#include "neural/folds.hpp"

namespace rnn_rates::neural {

/// How long windows are cut into chops that a network reads one by one, as it does trials.
struct ChopSize {
  std::size_t bins = 0;     ///< of a chop; 0: windows stay whole
  std::size_t overlap = 0;  ///< bins that a chop shares with the next, fewer than `bins`
};

/// A stretch of one trial.
struct Chop {
  std::uint32_t trial = 0;
  std::size_t first_bin = 0;
  bool operator==(const Chop&) const = default;
};

/// Chops of one length.
struct Chops {
  std::size_t bins = 0;  ///< of each
  std::vector<Chop> all;
};

/// Milliseconds of the settings chop.window_ms and chop.overlap_ms as bins. Throws Error(config) unless both
/// are whole numbers of bins and the overlap is shorter than the chop.
ChopSize chop_size(double window_ms, double overlap_ms, double bin_ms);

/// The chops that cover `bins` bins of each of `trials` from `first_bin` on, trial by trial: one every
/// size.bins - size.overlap, and where that leaves a remainder a last one that ends with the bins and so
/// overlaps more. Bins no longer than a chop, or size.bins = 0, make one chop a trial.
Chops plan_chops(std::span<const std::uint32_t> trials, std::size_t first_bin, std::size_t bins,
                 const ChopSize& size);

/// (chop, feature, bin) from `values` (trial, feature, bin).
template <class T>
Array<T, 3> cut(const Array<T, 3>& values, const Chops& chops) {
  const std::size_t features = values.extent(1);
  Array<T, 3> pieces({chops.all.size(), features, chops.bins});
  for (std::size_t i = 0; i < chops.all.size(); ++i) {
    for (std::size_t feature = 0; feature < features; ++feature)
      std::copy_n(&values(chops.all[i].trial, feature, 0) + chops.all[i].first_bin, chops.bins,
                  &pieces(i, feature, 0));
  }
  return pieces;
}

/// The same of what was observed; empty where everything was.
inline Array<std::uint8_t, 3> cut_observed(const Array<std::uint8_t, 3>& observed, const Chops& chops) {
  return observed.size() == 0 ? observed : cut(observed, chops);
}

/// (bin, chop, feature) from `values` (bin, trial, feature).
Array<float, 3> cut_sequences(const Array<float, 3>& values, const Chops& chops);

/// Puts `pieces` (bin, chop, feature) of chops that cover `bins` bins of `trials` trials, in the order of
/// plan_chops(), back together: (bin, trial, feature). Where two chops overlap the later one is faded in
/// linearly: with L shared bins the i-th (from 0) is (1 - w) earlier + w later, w = (i + 1) / (L + 1), so the
/// weights sum to 1 and what chops agree in comes out exactly.
Array<float, 3> merge(const Array<float, 3>& pieces, const Chops& chops, std::size_t trials,
                      std::size_t bins);

/// Folds over the bins of a single long trial: `folds` stretches one after another, as equal as whole bins
/// allow, but no more than leave each as long as a chop. Empty where that makes fewer than two.
Folds assign_bin_folds(std::size_t bins, std::size_t folds, const ChopSize& size);

/// Chops of trial 0 for the network of a fold: those that train come from the bins before and after the
/// fold's, those that are held out from the fold's, so that no bin is in both.
struct FoldChops {
  Chops train, held_out;
};
FoldChops chops_of_fold(const Folds& folds, std::uint32_t fold, const ChopSize& size);

}  // namespace rnn_rates::neural
