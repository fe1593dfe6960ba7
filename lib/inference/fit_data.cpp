#include "inference/fit_data.hpp"

#include <utility>

namespace rnn_rates::inference {

FitData make_fit_data(ReducedFit fit, const neural::BinGrid& grid,
                      std::span<const Array<std::uint16_t, 3>> taste_counts) {
  Array<std::uint16_t, 3> counts =
      neural::counts_of_fit(taste_counts, neural::fit_of_trials(fit.units, fit.trial_taste));
  return {std::move(fit), grid, std::move(counts)};
}

}  // namespace rnn_rates::inference
