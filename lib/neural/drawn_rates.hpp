#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>

#include "core/array.hpp"
#include "neural/hidden.hpp"

namespace rnn_rates::neural {

/// Rates (trial, unit, bin) in Hz of a method that trusts few spikes too far, drawn towards each unit's mean
/// rate: mean + weight * (rate - mean), as a credibility estimate (Buehlmann 1967, ASTIN Bulletin 4) or
/// James and Stein's is. The weight, 0 to 1, is the one that best predicts the unit's kept counts (Poisson
/// likelihood), a quarter of which is hidden from `predict_hz` at a time besides `hidden`, in blocks of
/// `block_bins`: what is hidden has no part in it. Equal arguments give equal rates. Throws Error(stopped)
/// between calls of `predict_hz` once `stop` is requested.
Array<float, 3> drawn_to_mean_hz(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, double bin_ms,
                                 std::size_t block_bins,
                                 const std::function<Array<float, 3>(const Hidden&)>& predict_hz,
                                 const std::stop_token& stop = {});

}  // namespace rnn_rates::neural
