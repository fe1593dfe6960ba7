#include "inference/fit_result.hpp"

namespace rnn_rates::inference {

void leave_unobserved_open(FitResult& result, const neural::Observed& observed) {
  FitRates& rates = result.rates;
  neural::leave_unobserved_open(rates.rate_hz, observed);
  neural::leave_unobserved_open(rates.pred_firing, observed);
  if (rates.folds) {
    neural::leave_unobserved_open(rates.folds->rate_out_of_fold_hz, observed);
    neural::leave_unobserved_open(rates.folds->rate_standard_error_hz, observed);
  }
  if (!result.baselines_hz) return;
  for (auto& [method, rate_hz] : *result.baselines_hz) neural::leave_unobserved_open(rate_hz, observed);
}

}  // namespace rnn_rates::inference
