#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/array.hpp"
#include "inference/fit_rates.hpp"
#include "inference/score_table.hpp"

namespace rnn_rates::inference {

/// A simulated session, whose firing rates are known.
struct KnownSession {
  std::span<const Array<std::uint16_t, 3>> taste_counts;  ///< (trial, unit, bin) of each taste
  const Array<float, 3>& rate_hz;                         ///< (trial of all tastes in order, unit, bin)
  double bin_ms;
};

/// `sums` (unit of the session) plus the fit's squared errors in Hz^2, over its trials and bins in order.
/// Adding up fit by fit, from zeros, needs one fit at a time.
std::vector<double> add_squared_errors(std::vector<double> sums, const KnownSession& session,
                                       const FitRates& rates);

/// R2 of single-trial rates over the last `bins` bins: of all fits, from the sum of their squared errors, and
/// of simpler estimates.
std::vector<Metric> true_r2(const KnownSession& session, std::span<const double> squared_errors,
                            std::size_t bins);

}  // namespace rnn_rates::inference
