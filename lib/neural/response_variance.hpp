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
  /// (lag in bins) of the log rates' errors, from 1 at lag 0: the larger of the responses to spikes before
  /// and after
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

/// Calibrates relative variances of rates (trial, unit, bin) by what counts missed of hidden predictions, and
/// makes them variances of log rates. By the law of total variance, the covariance of (count - hidden count)
/// over two bins of a block is that of (rate - hidden rate) plus that of the rate's error, of which
/// `variance` and `correlation` foretell a value. The ratio of the two, over all pairs of bins with lags 1
/// and 2, is taken for the lowest three deciles of hidden rates, the next four and the highest three. It is
/// noisy, so it leans on 1, and is .5 to 10; where spikes shun each other, so that it is below 0 for certain,
/// it is 1 for all. A relative variance v = .75 * ratio * `variance` gives the variance v + 1.5 v^2 of the
/// log rate. Throws Error(stopped) between trials once `stop` is requested.
void calibrate_variance(const ShownBlocks& blocks, const std::array<double, Response::reach + 1>& correlation,
                        Array<float, 3>& variance, const std::stop_token& stop = {});

}  // namespace rnn_rates::neural
