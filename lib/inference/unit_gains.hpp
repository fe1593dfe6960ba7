#pragma once

#include "core/array.hpp"
#include "inference/fit_data.hpp"
#include "inference/fit_rates.hpp"
#include "inference/method.hpp"
#include "neural/hidden.hpp"

namespace rnn_rates::inference {

/// Whether the method's rates take slow changes of units' gains into account: all but those that smooth a
/// unit's own spikes, which show the change themselves.
bool follows_gains(Method method);

/// Multiplies rates (trial, unit, bin) in Hz, which were predicted while `hidden` was hidden or not observed,
/// with units' slow gains as neural::estimate_gains() finds them from the other entries; returns these
/// (trial, unit).
Array<double, 2> follow_gains(const FitData& data, const neural::Hidden& hidden, Array<float, 3>& rates_hz);

/// The same of the masked GRUs' rates, with their errors; of those out of fold by gains of their own.
void follow_gains(const FitData& data, FitRates& network);

/// Standard deviation of the log of gains (trial, unit); 0 without any.
double spread_of_gains(const Array<double, 2>& gains);

}  // namespace rnn_rates::inference
