#pragma once

#include <cstdint>
#include <span>

#include "core/array.hpp"

namespace rnn_rates::inference {

/// What is left of `features` (trial, unit) after the average of each trial's condition, `trial_condition`
/// (trial), is taken away, on its leading principal components, six at most: (trial, component).
Array<float, 2> residual_components(const Array<float, 2>& features,
                                    std::span<const std::uint32_t> trial_condition);

/// First canonical correlation of two sets of components, (trial, component) each, on trials that it was not
/// fitted to: five folds dealt in turn, each told by the pair of axes that the others correlate along most,
/// with a ridge of a tenth of the units' variance. Between -1 and 1, about 0 where nothing is shared; NaN
/// where nothing varies.
double held_out_canonical_correlation(const Array<float, 2>& first_values,
                                      const Array<float, 2>& second_values);

}  // namespace rnn_rates::inference
