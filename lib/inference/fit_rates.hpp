#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/array.hpp"
#include "inference/method.hpp"
#include "neural/calibration.hpp"
#include "neural/fits.hpp"
#include "neural/folds.hpp"

namespace rnn_rates::inference {

/// What the networks of several folds tell beyond their mean.
struct FoldRates {
  neural::Folds folds;
  Array<float, 3> rate_out_of_fold_hz;     ///< (trial, unit, bin) from the network that did not see the trial
  Array<float, 3> rate_standard_error_hz;  ///< (trial, unit, bin) of the log rate, times the rate
};

/// How latent factors make the masked GRU's log rates: log of spikes per bin = offset + loadings^T factors.
struct Readout {
  Array<float, 2> loadings;   ///< (factor, unit)
  std::vector<float> offset;  ///< (unit)
};

/// How rates were combined from those of several methods.
struct Mixture {
  std::vector<Method> methods;
  std::vector<double> weights;  ///< (method) of the log rates against the mean
  double shift = 0;             ///< added to the log rate
};

/// Inferred rates of one fit. The first `forecast` bins of the window have no prediction and are not in here.
struct FitRates {
  std::string region;                ///< "all" for all units
  std::string taste;                 ///< its index, "all", or "all_laser"
  Array<double, 3> pred_firing;      ///< spikes per bin (trial, unit, bin)
  Array<float, 3> rate_hz;           ///< (trial, unit, bin)
  Array<double, 2> gain;             ///< (trial, unit) slow changes of units' gains in both; empty without
  Array<float, 3> latents;           ///< (trial, factor, bin)
  std::vector<std::int64_t> pred_x;  ///< (bin) start of each predicted bin, ms from the start of the window
  std::vector<double> time_ms;       ///< (bin) centre of each predicted bin, ms from the stimulus
  std::vector<std::uint32_t> units;  ///< indices into the session's units
  std::vector<std::uint32_t> trial_taste;  ///< (trial)
  std::vector<std::uint32_t> test_trials;
  std::optional<FoldRates> folds;
  std::optional<Readout> readout;  ///< of the masked GRU
  std::optional<Mixture> mixture;
  std::optional<neural::Calibration> calibration;  ///< with folds

  std::string name() const { return neural::fit_name(region, taste); }
};

}  // namespace rnn_rates::inference
