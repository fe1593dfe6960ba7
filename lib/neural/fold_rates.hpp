#pragma once

#include <span>
#include <stop_token>
#include <vector>

#include "core/array.hpp"
#include "neural/folds.hpp"

namespace rnn_rates::neural {

/// Rates of a fit out of the networks of its folds.
struct CombinedFolds {
  Array<double, 3> log_counts;        ///< (trial, unit, bin) log of spikes per bin, mean over folds
  Array<double, 3> counts;            ///< (trial, unit, bin) spikes per bin: their geometric mean
  Array<float, 3> out_of_fold_hz;     ///< (trial, unit, bin) of the network that did not see the trial
  Array<float, 3> standard_error_hz;  ///< (trial, unit, bin)
};

/// `log_counts` holds one array (bin, trial, unit) a fold. The standard error is that of the delete-a-group
/// jackknife on the log rate, sqrt((K - 1) / K * sum of squared deviations of the K networks) (Kott 2001),
/// times the rate. Without folds (one array) the last two stay empty. Throws Error(stopped) between trials
/// once `stop` is requested.
CombinedFolds combine_folds(std::span<const Array<float, 3>> log_counts, const Folds& folds, double bin_ms,
                            const std::stop_token& stop = {});

/// Log rates as offset + sum over factors of factor * loading.
struct LogRateFactors {
  Array<float, 3> factors;    ///< (trial, factor, bin)
  Array<float, 2> loadings;   ///< (factor, unit), orthonormal rows
  std::vector<float> offset;  ///< (unit)
};

/// Principal components of `log_counts` (trial, unit, bin), most variance first, `rank` at most: factors that
/// are comparable between networks whose own ones are turned against each other. Throws Error(stopped) once
/// `stop` is requested.
LogRateFactors factors_of_log_rates(const Array<double, 3>& log_counts, std::size_t rank,
                                    const std::stop_token& stop = {});

}  // namespace rnn_rates::neural
