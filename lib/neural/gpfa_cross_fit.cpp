#include <algorithm>
#include <limits>

#include "core/error.hpp"
#include "neural/gpfa.hpp"

namespace rnn_rates::neural {
namespace {

/// The same units with the same variances, but nothing that they share.
Gpfa without_latents(Gpfa model) {
  for (std::size_t unit = 0; unit < model.units.size(); ++unit) {
    for (std::size_t latent = 0; latent < model.loadings.extent(1); ++latent) {
      model.noise_variance[unit] += model.loadings(unit, latent) * model.loadings(unit, latent);
      model.loadings(unit, latent) = 0.0;
    }
  }
  return model;
}

}  // namespace

GpfaFolds cross_fit_gpfa(const Array<std::uint16_t, 3>& counts, const Folds& folds,
                         std::span<const std::uint32_t> latent_counts, std::vector<GpfaFit>& fits,
                         const std::stop_token& stop) {
  if (latent_counts.empty()) throw Error(ErrorKind::config, "no numbers of GPFA latents to choose from");
  const std::size_t count = folds.count();
  std::vector<Split> splits;
  for (std::size_t fold = 0; fold < count; ++fold) {
    splits.push_back(split_of_fold(folds, fold));
    if (!splits.back().train_trials.empty()) continue;
    throw Error(ErrorKind::config, "fold {} of {} holds out all trials: GPFA needs others to fit", fold,
                count);
  }
  const auto fit = [&](std::uint32_t fold, std::uint32_t latents) -> const Gpfa& {
    auto found = std::find_if(fits.begin(), fits.end(), [&](const GpfaFit& each) {
      return each.fold == fold && each.latents == latents;
    });
    if (found == fits.end()) found = fits.insert(found, {fold, latents, {}});
    go_on_fitting_gpfa(counts, splits[fold].train_trials, latents, most_gpfa_iterations, found->model, stop);
    return found->model;
  };
  GpfaFolds best{folds, 0, {}, {}};
  double best_log_likelihood = -std::numeric_limits<double>::infinity();
  for (const std::uint32_t latents : latent_counts) {
    const Gpfa& model = fit(0, latents);
    const double log_likelihood = gpfa_log_likelihood(model, counts, splits[0].test_trials, stop);
    if (!(log_likelihood > best_log_likelihood)) continue;
    best_log_likelihood = log_likelihood;
    best.latents = latents;
    best.models = {model};
  }
  const Gpfa apart = without_latents(best.models.at(0));
  if (gpfa_log_likelihood(apart, counts, splits[0].test_trials, stop) > best_log_likelihood)
    return {folds, 0, std::vector<Gpfa>(count), std::vector<std::vector<double>>(count)};
  for (std::uint32_t fold = 1; fold < count; ++fold) best.models.push_back(fit(fold, best.latents));
  for (std::size_t fold = 0; fold < count; ++fold)
    best.count_scale.push_back(gpfa_count_scale(best.models[fold], counts, splits[fold].train_trials, stop));
  return best;
}

}  // namespace rnn_rates::neural
