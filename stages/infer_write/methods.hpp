#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "artifact/pca_file.hpp"
#include "core/array.hpp"
#include "neural/gpfa.hpp"
#include "neural/hidden.hpp"

namespace rnn_rates::infer_write {

/// A way to predict rates (trial, unit, bin) in Hz while some entries are hidden.
struct Method {
  std::string name;
  std::function<Array<float, 3>(const neural::Hidden&)> predict_hz;
  bool uses_other_units;  ///< else a unit hidden in a whole trial is predicted by its mean, with 0 bits
};

/// With whose cube GPFA's cost grows.
inline constexpr std::size_t most_gpfa_bins = 300;

/// The methods that the network is compared with: Gaussian kernel, boxcar of 250 ms, BAKS, trial average, and
/// GPFA with folds of its own where the fit has none. GPFA is left out where there is one trial, or more than
/// most_gpfa_bins. They refer to `counts` (trial, unit, bin), `fit` and `gpfa`, which have to outlive them;
/// GPFA goes on with the fits `gpfa` when it first predicts.
std::vector<Method> simple_methods(const Array<std::uint16_t, 3>& counts, const artifact::FitScores& fit,
                                   double bin_ms, std::vector<neural::GpfaFit>& gpfa);

}  // namespace rnn_rates::infer_write
