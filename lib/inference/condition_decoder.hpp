#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/array.hpp"

namespace rnn_rates::inference {

/// Shares of trials whose condition is told right from `features` (trial, feature), one for each of
/// `labelings`, each (trial) of conditions 0 to `conditions` - 1. Told by ridge regression on the conditions'
/// indicators (scikit-learn's StandardScaler and RidgeClassifier): features are standardised, the penalty is
/// a tenth of the training trials, and every trial is told by what was learned without its fold, of `folds`
/// folds dealt in turn. Features that are NaN count as their mean.
std::vector<double> told_right(const Array<float, 2>& features,
                               std::span<const std::vector<std::uint32_t>> labelings, std::size_t conditions,
                               std::size_t folds = 5);

}  // namespace rnn_rates::inference
