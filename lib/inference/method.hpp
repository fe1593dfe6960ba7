#pragma once

#include "core/choices.hpp"

namespace rnn_rates::inference {

/// What predicts rates: the network, the combination of several, and the simpler ones it is compared with.
enum class Method : std::uint8_t { rnn, combined, gaussian, boxcar, baks, trial_average, gpfa };

/// Width of the boxcar, as the Python program plots it.
inline constexpr double boxcar_ms = 250;

}  // namespace rnn_rates::inference

namespace rnn_rates {

/// The methods' names in files and tables.
template <>
inline constexpr auto words_of<inference::Method> = words("rnn", "combined", "gaussian", "boxcar_250ms",
                                                          "baks", "trial_average", "gpfa");

}  // namespace rnn_rates
