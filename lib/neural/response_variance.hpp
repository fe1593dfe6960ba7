#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stop_token>

#include "core/array.hpp"
#include "neural/observed.hpp"

namespace rnn_rates::neural {

/// Blocks of bins that were hidden and then shown, all (trial, unit, bin).
struct ShownBlocks {
  const Array<float, 3>& rate_hz;         ///< saw all counts
  const Array<float, 3>& hidden_hz;       ///< saw all but those of its block
  const Array<std::uint16_t, 3>& counts;  ///< spikes per bin
  const Array<std::uint8_t, 3>& parts;    ///< a run of bins with one part is a block, as by block_parts()
  double bin_ms;
  const Observed& observed;
};

/// How strongly log rates respond to spikes.
struct Response {
  /// Bins before and after a spike that it is followed over.
  static constexpr std::size_t reach = 7;
  Array<float, 3> variance;  ///< (trial, unit, bin) of the log rate; 0 where not observed
  /// (lag in bins) of the log rates' errors, from 1 at lag 0
  std::array<double, reach + 1> correlation;
};

/// How uncertain log rates are, by how strongly they respond to spikes: whoever knows a rate already learns
/// nothing from one more spike. For Poisson counts the derivative of a log rate's posterior mean with respect
/// to the count of a bin is the posterior covariance of the log rates of the two bins (Tweedie's formula;
/// Efron 2011, JASA 106: 1602-1614). So where a block was hidden and then shown,
///     log rate(t) - log hidden rate(t) = sum over bins s of the block of c(t - s) (count(s) - hidden
///     count(s)),
/// and c(0), found by least squares in each decile of hidden rates, is the variance there. Deciles with few
/// spikes lean on the others. Rates are raised to 0.1 Hz. Throws Error(stopped) between trials once `stop` is
/// requested.
Response response_to_spikes(const ShownBlocks& blocks, const std::stop_token& stop = {});

/// By how much the variances of log rates (trial, unit, bin) must grow, 1 to 2, to account for what counts
/// missed of hidden predictions: by the law of total variance, the covariance of (count - hidden count) over
/// two bins of a block is that of (rate - hidden rate) plus that of the rate's error, of which `variance` and
/// `correlation` foretell a value. Both are noisy, and spikes that shun each other hide errors: the root of
/// the ratio to what is usual where simulated true rates are covered.
double growth_of_variance(const ShownBlocks& blocks, const Array<float, 3>& variance,
                          const std::array<double, Response::reach + 1>& correlation,
                          const std::stop_token& stop = {});

}  // namespace rnn_rates::neural
