#include "rnn/masked_counts.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/random.hpp"

namespace rnn_rates::rnn {

Array<float, 3> observed_counts(const CountData& data) {
  const auto counts = data.counts.values();
  Array<float, 3> known(data.counts.shape(), {counts.begin(), counts.end()});
  for (std::size_t i = 0; i < data.observed.size(); ++i) {
    if (data.observed.values()[i] == 0) known.values()[i] = std::numeric_limits<float>::quiet_NaN();
  }
  return known;
}

MaskPhase mask_phase(const MaskOptions& mask, std::uint64_t seed, std::uint32_t step, std::size_t bins) {
  const std::size_t phase =
      RandomStream(derive_seed(seed, "phase " + std::to_string(step))).below(mask.block_bins);
  return {phase, (bins + phase + mask.block_bins - 1) / mask.block_bins};
}

std::vector<std::uint32_t> batch_trials(std::uint64_t seed, std::uint32_t step, std::size_t trials,
                                        std::size_t batch) {
  std::vector<std::uint32_t> chosen(trials);
  std::iota(chosen.begin(), chosen.end(), 0u);
  if (batch == 0 || batch >= trials) return chosen;
  RandomStream random(derive_seed(seed, "batch " + std::to_string(step)));
  for (std::size_t i = 0; i < batch; ++i) std::swap(chosen[i], chosen[i + random.below(trials - i)]);
  chosen.resize(batch);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

MaskedGruSeeds seeds_of(const MaskedGruOptions& options) {
  return {derive_seed(options.seed, "batch"), derive_seed(options.seed, "mask"),
          derive_seed(options.seed, "dropout"), derive_seed(options.seed, "validation mask")};
}

}  // namespace rnn_rates::rnn
