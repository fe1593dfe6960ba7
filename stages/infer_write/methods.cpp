#include "infer_write/methods.hpp"

#include <memory>
#include <optional>

#include "core/stop.hpp"
#include "neural/baks_rates.hpp"
#include "neural/gaussian_rates.hpp"
#include "neural/smoothing.hpp"
#include "neural/split.hpp"
#include "neural/trial_average.hpp"

namespace rnn_rates::infer_write {

using neural::Hidden;

std::vector<Method> simple_methods(const Array<std::uint16_t, 3>& counts, const artifact::FitScores& fit,
                                   double bin_ms, std::vector<neural::GpfaFit>& gpfa) {
  constexpr double boxcar_ms = 250;
  std::vector<Method> methods = {{"gaussian",
                                  [&counts, bin_ms](const Hidden& hidden) {
                                    return neural::predict_gaussian(counts, hidden, bin_ms, {}, stop_token());
                                  },
                                  false},
                                 {"boxcar_250ms",
                                  [&counts, bin_ms](const Hidden& hidden) {
                                    return neural::boxcar_rate_hz(counts, bin_ms, boxcar_ms, hidden);
                                  },
                                  false},
                                 {"baks",
                                  [&counts, bin_ms](const Hidden& hidden) {
                                    return neural::predict_baks(counts, hidden, bin_ms, stop_token());
                                  },
                                  false},
                                 {"trial_average",
                                  [&counts, &fit, bin_ms](const Hidden& hidden) {
                                    return neural::predict_trial_average(counts, hidden, fit.trial_taste,
                                                                         bin_ms, {}, stop_token());
                                  },
                                  false}};
  constexpr std::size_t gpfa_folds = 4;
  const auto trial_fold =
      fit.trial_fold.empty() ? neural::assign_folds(counts.extent(0), gpfa_folds) : fit.trial_fold;
  if (trial_fold.empty() || counts.extent(2) > most_gpfa_bins) return methods;
  const auto model = std::make_shared<std::optional<neural::GpfaFolds>>();
  methods.push_back({"gpfa",
                     [&counts, &gpfa, bin_ms, trial_fold, model](const Hidden& hidden) {
                       static constexpr std::uint32_t latents[] = {4, 8, 12};
                       if (!*model)
                         *model = neural::cross_fit_gpfa(counts, trial_fold, latents, gpfa, stop_token());
                       return neural::predict_gpfa(**model, counts, hidden, bin_ms, stop_token());
                     },
                     true});
  return methods;
}

}  // namespace rnn_rates::infer_write
