#pragma once

#include <optional>

#include "core/array.hpp"
#include "session/recording.hpp"

namespace rnn_rates::session {

/// The rates that a simulated session's spikes were drawn from.
struct TrueRates {
  double bin_ms = 0.0;      ///< the bins fill the spike array
  Array<float, 3> rate_hz;  ///< (trial of all tastes in order, unit, bin)
};

/// /truth/rate_hz of the recording's file; nothing where it has none, as every real recording. Throws
/// Error(input) where trials or units are not those of the spikes, or a rate is negative or not finite.
std::optional<TrueRates> read_true_rates(const Recording& recording);

}  // namespace rnn_rates::session
