#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "core/array.hpp"
#include "neural/folds.hpp"
#include "neural/hidden.hpp"
#include "neural/plds_posterior.hpp"

namespace rnn_rates::neural {

/// Steps of expectation maximisation: first on about 32 trials at a time, each part of them in turn, which is
/// as good as on all while the parameters are far off (incremental EM: Neal & Hinton 1998), then on all. They
/// end before the parameters stop moving, as more would fit few trials too closely.
struct PldsSteps {
  int on_parts = 14, on_all = 3;
};

/// Fits a Poisson linear dynamical system with `latents` latents to what is not hidden of the trials `trials`
/// of `counts` (trial, unit, bin) by expectation maximisation, with Laplace's approximation in the place of
/// the latents' posterior (Macke, Buesing, Cunningham, Yu, Shenoy, Sahani 2011, NeurIPS 24: 1350-1358;
/// Buesing, Macke, Sahani 2012, NeurIPS 25: 1682-1690). Dynamics have a closed form; loadings take one Newton
/// step per step. Begins with the principal components of smoothed log counts. `log_gain` (trial, unit) is
/// what is known of units' gains; 0 where it is empty. `latents` is cut down to the number of active units;
/// without any, the model is empty. Throws Error(stopped) once `stop` is requested.
Plds fit_plds(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, const Array<double, 2>& log_gain,
              std::span<const std::uint32_t> trials, std::size_t latents, const PldsSteps& steps,
              const std::stop_token& stop = {});

/// One expectation maximisation step further: the log evidence per trial of `model`, which it then improves.
/// `latents` holds each batch's, from one step to the next.
double improve_plds(std::span<const PldsBatch> batches, Plds& model, std::span<Eigen::MatrixXd> latents,
                    const std::stop_token& stop = {});

/// One model per fold, fitted to the trials outside it.
struct PldsFolds {
  Folds folds;  ///< over trials
  std::size_t latents = 0;
  std::vector<Plds> models;  ///< (fold) without units where `latents` is 0
};

/// Fits each fold with that number of latents of `latent_counts` under which hidden blocks of the first
/// fold's trials, which were held out, are predicted best; with none, so that rates are the units' means,
/// where that is better than the means by less than a standard error over trials. `unobserved` (trial, unit,
/// bin) is left out; empty where there is nothing to leave out. Throws Error(config) if a fold would leave no
/// trial to fit.
PldsFolds cross_fit_plds(const Array<std::uint16_t, 3>& counts, const Hidden& unobserved, const Folds& folds,
                         std::span<const std::size_t> latent_counts, const std::stop_token& stop = {});

/// Expected counts (row of `trials`, active unit, bin) of all entries, given the kept ones of the same trial.
Array<float, 3> plds_counts(const Plds& model, const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
                            std::span<const std::uint32_t> trials, const Array<double, 2>& log_gain,
                            const std::stop_token& stop = {});

/// Rates (trial, unit, bin) in Hz of all entries given the kept counts of the same trial, under the model
/// that did not see the trial: means of the log-normal distributions that Laplace's approximation makes of
/// them. A unit that never spikes in the trials fitted gets its mean rate over the kept entries.
Array<float, 3> predict_plds(const PldsFolds& folds, const Array<std::uint16_t, 3>& counts,
                             const Hidden& hidden, double bin_ms, const std::stop_token& stop = {});

}  // namespace rnn_rates::neural
