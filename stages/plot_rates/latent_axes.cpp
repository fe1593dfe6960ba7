#include "plot_rates/latent_axes.hpp"

#include <algorithm>
#include <cmath>

#include "neural/fits.hpp"
#include "neural/pca.hpp"

namespace rnn_rates::plot_rates {

void add_latent_axes(const inference::FitRates& fit, std::span<plot::TasteRates> tastes) {
  const auto [trials, factors, bins] = fit.latents.shape();
  const auto values = fit.latents.values();
  const bool known =
      std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
  if (!known || trials * bins < 2) return;
  Array<double, 3> centred(fit.latents.shape());
  bool varies = false;
  for (std::size_t factor = 0; factor < factors; ++factor) {
    plot::Moments moments;
    moments.add(fit.latents, factor);
    varies = varies || moments.variance() > 0.0;
    for (std::size_t trial = 0; trial < trials; ++trial) {
      for (std::size_t bin = 0; bin < bins; ++bin)
        centred(trial, factor, bin) = static_cast<double>(fit.latents(trial, factor, bin)) - moments.mean();
    }
  }
  if (!varies) return;
  const neural::Pca pca = neural::fit_pca(centred, neural::all_indices(trials), 1.0);
  const Array<float, 3> scores = neural::project(centred, pca);
  constexpr std::size_t most_axes = 4;
  const std::size_t axes = std::min(most_axes, scores.extent(2));
  for (plot::TasteRates& taste : tastes) {
    taste.latent_axes = Array<float, 3>({taste.trials(), axes, bins});
    taste.axis_shares.assign(pca.explained_variance_ratio.begin(),
                             pca.explained_variance_ratio.begin() + static_cast<std::ptrdiff_t>(axes));
    std::size_t row = 0;
    for (std::size_t trial = 0; trial < trials; ++trial) {
      if (fit.trial_taste[trial] != taste.index) continue;
      for (std::size_t axis = 0; axis < axes; ++axis) {
        for (std::size_t bin = 0; bin < bins; ++bin)
          taste.latent_axes(row, axis, bin) = scores(trial, bin, axis);
      }
      ++row;
    }
  }
}

}  // namespace rnn_rates::plot_rates
