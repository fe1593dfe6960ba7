#include "inference/unit_gains.hpp"

#include <algorithm>
#include <cmath>

#include "neural/gains.hpp"

namespace rnn_rates::inference {

bool follows_gains(Method method) {
  return method != Method::gaussian && method != Method::boxcar && method != Method::baks;
}

Array<double, 2> follow_gains(const FitData& data, const neural::Hidden& hidden, Array<float, 3>& rates_hz) {
  Array<double, 2> gains =
      neural::estimate_gains(neural::trial_totals(data.counts, rates_hz, hidden, data.bin_ms()),
                             neural::places_in_session(data.fit.trial_taste, data.fit.trial_time_s),
                             data.fit.trial_taste, data.fit.folds.overlapping);
  neural::multiply_gains(gains, rates_hz);
  return gains;
}

void follow_gains(const FitData& data, FitRates& network) {
  const neural::Hidden unobserved = neural::hidden_or_unobserved({}, data.observed);
  network.gain = follow_gains(data, unobserved, network.rate_hz);
  neural::multiply_gains(network.gain, network.pred_firing);
  if (!network.folds) return;
  neural::multiply_gains(network.gain, network.folds->rate_standard_error_hz);
  follow_gains(data, unobserved, network.folds->rate_out_of_fold_hz);
}

double spread_of_gains(const Array<double, 2>& gains) {
  double sum = 0.0, squares = 0.0;
  for (const double gain : gains.values()) {
    sum += std::log(gain);
    squares += std::log(gain) * std::log(gain);
  }
  const auto count = static_cast<double>(gains.size());
  return count > 0.0 ? std::sqrt(std::max(0.0, squares / count - sum / count * (sum / count))) : 0.0;
}

}  // namespace rnn_rates::inference
