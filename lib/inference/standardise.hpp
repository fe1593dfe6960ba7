#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>

#include "core/array.hpp"

namespace rnn_rates::inference {

/// Penalty of the leak test's ridge regressions, as a share of the training trials.
inline constexpr double ridge_share = 0.1;

/// `features` (trial, feature) less their means over `trials`, over their standard deviations there. Features
/// that do not vary are centred only; those that are NaN become 0, their mean.
Eigen::MatrixXd standardise(const Array<float, 2>& features, std::span<const std::uint32_t> trials);

}  // namespace rnn_rates::inference
