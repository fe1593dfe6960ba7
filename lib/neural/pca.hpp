#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "core/array.hpp"
#include "neural/observed.hpp"

namespace rnn_rates::neural {

/// Principal components of scaled counts.
struct Pca {
  /// (component, unit) orthonormal rows, most variance first; no rows: each unit is a component.
  Array<double, 2> basis;
  std::vector<double> explained_variance_ratio;  ///< (component) share of the total variance
};

/// Components of the trials `trials` of `scaled` (trial, unit, bin), taking bins of trials as samples. The
/// scaler must have been fitted on the same trials, so that each unit's mean is 0. Keeps the fewest
/// components whose summed share exceeds `variance`, as scikit-learn's PCA(n_components=variance); never one
/// without variance, so that 1 keeps them all. Each component's largest loading is positive (the first of
/// equal ones). The matrix that is decomposed has as many rows as there are units, or samples where these are
/// fewer. Throws Error(config) unless 0 < variance <= 1, Error(input) if no unit varies and Error(stopped)
/// once `stop` is requested.
Pca fit_pca(const Array<double, 3>& scaled, std::span<const std::uint32_t> trials, double variance,
            const std::stop_token& stop = {});

/// Stands in for fit_pca where PCA is off: every unit is its own component, in unit order. The basis is the
/// identity, without rows where there are more units than samples. Throws Error(input) if no unit varies.
Pca identity_pca(const Array<double, 3>& scaled, std::span<const std::uint32_t> trials);

/// Scores (trial, bin, component) of all trials of `scaled` (trial, unit, bin). The way back is
/// counts_from_outputs in neural/rates.hpp. Where units were not observed, the scores that fit the others
/// best, of these the smallest; NaN where none was. Throws Error(stopped) between trials once `stop` is
/// requested.
Array<float, 3> project(const Array<double, 3>& scaled, const Pca& pca, const Observed& observed = {},
                        const std::stop_token& stop = {});

}  // namespace rnn_rates::neural
