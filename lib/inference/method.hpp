#pragma once

#include "core/choices.hpp"

namespace rnn_rates::inference {

/// What predicts rates: the network, the combination of several, and the simpler ones it is compared with.
enum class Method : std::uint8_t {
  rnn,
  combined,
  gaussian,
  boxcar,
  baks,
  condition_average,
  gpfa,
  inferred_condition,
  plds
};

/// Those that anyone would try first, from a unit's own spikes, with no model of the population.
constexpr bool is_simple(Method method) {
  return method == Method::gaussian || method == Method::boxcar || method == Method::baks ||
         method == Method::condition_average;
}
/// Those of them that are cheap and never far below the best, so that every fit is compared with them.
constexpr bool is_always_scored(Method method) {
  return method == Method::gaussian || method == Method::condition_average;
}

/// Width of the boxcar, as the Python program plots it.
inline constexpr double boxcar_ms = 250;

}  // namespace rnn_rates::inference

namespace rnn_rates {

/// The methods' names in files and tables.
template <>
inline constexpr auto words_of<inference::Method> = words("rnn", "combined", "gaussian", "boxcar_250ms",
                                                          "baks", "condition_average", "gpfa",
                                                          "inferred_condition", "plds");

}  // namespace rnn_rates
