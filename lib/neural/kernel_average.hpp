#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "core/array.hpp"
#include "neural/hidden.hpp"

namespace rnn_rates::neural {

/// Spikes and the bins in which they were seen, (trial, unit, bin) each; an average over several trials has
/// more than one of the bins at each place.
struct SpikesSeen {
  Array<float, 3> spikes;
  Array<float, 3> bins;
};

/// The counts that are not hidden: 1 bin at each place that is kept, no bin and no spike elsewhere.
SpikesSeen kept_counts(const Array<std::uint16_t, 3>& counts, const Hidden& hidden);

/// Whether a bin's own count is in the average around it; left out, the average is a prediction of the count.
enum class OwnBin { used, left_out };

/// A kernel average's width, and how far it is drawn towards the unit's mean rate. With spikes and bins seen
/// around a bin, each weighted by a Gaussian of height 1 and standard deviation `sigma_ms` that is cut off at
/// 4 of them, the rate is (prior_spikes + spikes) / (prior_spikes / mean + bins), the posterior mean of a
/// Poisson rate under a gamma prior around that mean worth `prior_spikes` spikes. 0 is the plain kernel.
struct Kernel {
  double sigma_ms;
  double prior_spikes;
};

/// Widths and priors to choose from; each width is tried with each prior.
struct KernelGrid {
  std::vector<double> sigmas_ms = {25, 50, 75, 100, 150, 200, 300, 500, 1000};
  std::vector<double> prior_spikes = {0, 0.5, 1, 2, 4};
};

/// For each unit (unit) the kernel of `grid` whose rates give the kept counts the largest Poisson likelihood,
/// rates raised to 0.1 Hz; no true rates are needed. The spikes `seen` must not be those that are predicted:
/// where each bin holds its own, it is to be left out. Throws Error(config) if `grid` is empty or has a value
/// below 0, Error(stopped) between widths once `stop` is requested.
std::vector<Kernel> choose_kernels(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, double bin_ms,
                                   const KernelGrid& grid, const SpikesSeen& seen, OwnBin own_bin,
                                   const std::stop_token& stop = {});

/// Rates in Hz from the spikes `seen`, (trial, unit, bin), or conditions in place of trials, by each unit's
/// kernel (unit), bins' own spikes among them. Where the kernel meets no bin, the unit's mean rate `means_hz`
/// (unit), as mean_kept_rate_hz() tells it.
Array<float, 3> kernel_rate_hz(std::span<const double> means_hz, double bin_ms,
                               const std::vector<Kernel>& kernels, const SpikesSeen& seen);

}  // namespace rnn_rates::neural
