#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <stop_token>
#include <vector>

#include "core/array.hpp"
#include "core/choices.hpp"
#include "inference/fit_data.hpp"
#include "inference/method.hpp"
#include "inference/networks.hpp"
#include "neural/gpfa.hpp"
#include "neural/hidden.hpp"

namespace rnn_rates::inference {

/// What predictions are for.
struct Purpose {
  SomeOf<CombineWith> combine_with = {};  ///< what the network's rates are combined with
  bool gains = false;                     ///< rates follow units' slow gains
  bool baselines = false;  ///< all that the rates are compared with; those of is_always_scored() anyway
};

/// With whose cube GPFA's cost grows; it is left out of longer windows.
inline constexpr std::size_t most_gpfa_bins = 300;

/// Whether rates are combined: those of masked GRUs with folds over trials, where there is something to
/// combine them with.
bool combines(const FitData& data, const Networks& networks, const Purpose& purpose);

/// The methods that predict hidden counts of this fit: the masked GRU, the Gaussian kernel, a boxcar of 250
/// ms, BAKS, the averages of conditions, and PLDS and GPFA with folds of its own where the fit has none. None
/// where no trial was held out from the networks; neither PLDS nor GPFA of a single trial, no GPFA of more
/// than most_gpfa_bins, or where something was not observed, which it cannot leave out of what it learns
/// from.
std::vector<Method> methods_for(const FitData& data, const Networks& networks, const Purpose& purpose);

/// What one method has predicted so far, (trial, unit, bin) in Hz.
struct Prediction {
  neural::HeldOutRates blocks;  ///< while a block of bins was hidden
  neural::HeldOutRates units;   ///< while a unit was hidden in the whole trial: of methods that use others
  Array<float, 3> rate_hz;      ///< nothing hidden; not of the network
  Array<double, 2> gain;        ///< (trial, unit) that rate_hz was multiplied with; empty without
};

/// What the methods have predicted of a fit. Continuing from it gives what an uninterrupted run gives, bit
/// for bit.
struct Predictions {
  std::map<Method, Prediction> methods;
  std::vector<neural::GpfaFit> gpfa;  ///< fits so far, finished or not

  bool empty() const { return methods.empty(); }
};

/// The part that each block (trial, unit, bin) was hidden with: all are dealt to four parts at random, seeded
/// by the fit's counts, in blocks as rnn::scored_mask says, whatever the settings.
Array<std::uint8_t, 3> hidden_parts(const FitData& data);

/// Lets each of the methods predict every (trial, unit, bin) while its block, as hidden_parts() deals
/// them, is hidden, and what `purpose` asks for beyond that; each trial by the network that did not see it.
/// Starts from `so_far`. Once `stop` is requested, returns what there is.
Predictions predict(const FitData& data, const Networks& networks, const Purpose& purpose, Predictions so_far,
                    std::size_t threads, const std::stop_token& stop = {});

}  // namespace rnn_rates::inference
