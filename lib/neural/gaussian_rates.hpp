#pragma once

#include <cstdint>
#include <stop_token>

#include "core/array.hpp"
#include "neural/hidden.hpp"
#include "neural/kernel_average.hpp"

namespace rnn_rates::neural {

/// Rates (trial, unit, bin) in Hz by a Gaussian kernel around each bin over the trial's kept counts of the
/// unit, normalised over the kept bins. Without known rates, each unit's width and prior are the ones of
/// `grid` that best predict its kept counts from the other bins: Poisson likelihood with the bin's own weight
/// set to 0 (leave-one-bin-out). Without a prior this likelihood hinges on bins that no other spike is near,
/// and widens kernels far beyond what is best for the rates.
Array<float, 3> predict_gaussian(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, double bin_ms,
                                 const KernelGrid& grid = {}, const std::stop_token& stop = {});

}  // namespace rnn_rates::neural
