#pragma once

#include <cstdint>
#include <stop_token>

#include "core/array.hpp"
#include "neural/hidden.hpp"

namespace rnn_rates::neural {

/// Rates (trial, unit, bin) in Hz by the Bayesian adaptive kernel smoother (Ahmadi, Constandinou, Bouganis
/// 2018, PLoS ONE 13(11): e0206794): a Gaussian kernel whose width at each time is the posterior mean under a
/// gamma prior on its precision, with the paper's alpha = 4 and beta = n^(4/5), n the trial's spikes, times
/// in seconds. Spikes are taken to lie in the centres of their bins. As in the paper, edges are not
/// corrected.
///
/// With hidden entries, only the spikes kept count, and the rate is divided by the kernel's mass outside the
/// hidden bins (the share of time at which a spike would have been seen); the unit's mean rate where less
/// than 1 % of the kernel is left, and where hidden bins leave a trial no spike. Throws Error(stopped)
/// between units once `stop` is requested.
Array<float, 3> predict_baks(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, double bin_ms,
                             const std::stop_token& stop = {});

}  // namespace rnn_rates::neural
