#pragma once

#include <cstdint>
#include <vector>

#include "core/array.hpp"
#include "rnn/optimizer.hpp"

namespace rnn_rates::rnn {

/// What a masked GRU learns from, or is checked on.
struct CountData {
  Array<std::uint16_t, 3> counts;  ///< (trial, unit, bin) spikes
  Array<float, 3> context;         ///< (trial, context input, bin) inputs that are never hidden
  std::vector<float> mean, scale;  ///< (unit) the network sees (count - mean) / scale
  /// (trial, unit, bin) 1 where the count was observed; empty: everywhere. An unobserved count, whatever
  /// stands in `counts`, is 0 at the network's input and no target, even where a mask hides it.
  Array<std::uint8_t, 3> observed = {};
};

/// The counts, NaN where they were not observed.
Array<float, 3> observed_counts(const CountData& data);

/// Contiguous blocks of bins of single (trial, unit) that are hidden from the network.
struct MaskOptions {
  std::uint32_t block_bins;
  double probability;
};

/// What is hidden where networks are compared, not trained: by validations, scores and the weights of a
/// combination. It does not follow the settings, so that the score can tell which of them are better.
inline constexpr MaskOptions scored_mask{.block_bins = 8, .probability = 0.25};

struct MaskedGruOptions {
  OptimizerOptions optimizer;
  MaskOptions mask = scored_mask;  ///< in training
  double dropout = 0.0;            ///< of the GRU's states, in training
  std::size_t batch = 0;           ///< trials a step; 0 or more than there are: all
  std::uint64_t seed = 0;          ///< of batches, masks and dropout; the initial weights are given
  std::string device = "cpu";
};

/// Where the masks of one step lie. Bin b of a trial lies in mask block (b + phase) / block_bins. What an
/// input is multiplied by, 0 where hidden, is dropout_factors() (dropout.hpp) of layer 0, the unit as
/// feature, over (mask block, trial of the batch).
struct MaskPhase {
  std::size_t phase;
  std::size_t blocks;  ///< mask blocks that cover all bins
};
MaskPhase mask_phase(const MaskOptions& mask, std::uint64_t seed, std::uint32_t step, std::size_t bins);

/// The trials of a step, drawn without replacement from `trials`, in ascending order; all where batch is 0 or
/// no fewer.
std::vector<std::uint32_t> batch_trials(std::uint64_t seed, std::uint32_t step, std::size_t trials,
                                        std::size_t batch);

/// Masks by `scored_mask` that every validation uses, as if they were steps.
constexpr std::uint32_t validation_masks = 3;

/// The seeds of what is random, derived from options.seed.
struct MaskedGruSeeds {
  std::uint64_t batch, mask, dropout, validation_mask;
};
MaskedGruSeeds seeds_of(const MaskedGruOptions& options);

}  // namespace rnn_rates::rnn
