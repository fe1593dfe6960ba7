#include "inference/fit_data.hpp"

#include <utility>

#include "neural/context.hpp"

namespace rnn_rates::inference {

Array<float, 3> FitData::context(NetworkKind network) const {
  return network == NetworkKind::masked_gru ? neural::masked_gru_context(fit.trial_taste, grid, fit.laser)
                                            : neural::autoencoder_context(fit.trial_taste, grid, fit.laser);
}

FitData make_fit_data(ReducedFit fit, const neural::BinGrid& grid,
                      std::span<const Array<std::uint16_t, 3>> taste_counts,
                      std::span<const neural::Observed> taste_observed) {
  const neural::Fit chosen = neural::fit_of_trials(fit.units, fit.trial_taste);
  return {std::move(fit), grid, neural::entries_of_fit(taste_counts, chosen),
          neural::entries_of_fit(taste_observed, chosen)};
}

}  // namespace rnn_rates::inference
