#include "inference/fit_data.hpp"

#include <utility>

#include "neural/context.hpp"

namespace rnn_rates::inference {

Array<float, 3> FitData::context(NetworkKind network) const {
  std::vector<double> numbers = neural::scaled_trial_numbers(fit.trial_taste);
  if (network == NetworkKind::masked_gru) {
    for (double& number : numbers) number -= 0.5;
  }
  return neural::context_inputs(numbers, grid.bins, grid.stim_bin(), fit.laser);
}

FitData make_fit_data(ReducedFit fit, const neural::BinGrid& grid,
                      std::span<const Array<std::uint16_t, 3>> taste_counts,
                      std::span<const neural::Observed> taste_observed) {
  const neural::Fit chosen = neural::fit_of_trials(fit.units, fit.trial_taste);
  return {std::move(fit), grid, neural::entries_of_fit(taste_counts, chosen),
          neural::entries_of_fit(taste_observed, chosen)};
}

}  // namespace rnn_rates::inference
