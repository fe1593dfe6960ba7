#include "train_rnn/candidates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "core/random.hpp"

namespace rnn_rates::train_rnn {
namespace {

/// Of the candidates of a round, one of so many goes on; Li et al. advise 3 or 4.
constexpr std::uint32_t reduction = 4;

/// With two significant digits, as people would write it.
double rounded(double value) { return std::stod(fmt::format("{:.1e}", value)); }

/// Uniform in the logarithm.
double between_logs(RandomStream& random, double low, double high) {
  return low * std::pow(high / low, random.uniform());
}

}  // namespace

std::vector<Rung> rungs_of(const config::TrainRnn& settings) {
  std::vector<Rung> rungs;
  auto left = static_cast<std::size_t>(settings.tune.trials);
  if (left < 2) return rungs;
  rungs.push_back({left, 1});
  while (left > reduction) {
    left = (left + reduction - 1) / reduction;
    for (Rung& before : rungs) before.part *= reduction;
    rungs.push_back({left, 1});
  }
  return rungs;
}

config::TrainRnn candidate(const config::TrainRnn& settings, std::size_t number) {
  config::TrainRnn drawn = settings;
  drawn.tune = {};
  if (number == 0) return drawn;
  RandomStream random(derive_seed(0, fmt::format("candidate {}", number)));
  const auto whole = [&](double low, double high) { return std::llround(between_logs(random, low, high)); };
  drawn.model.hidden_size = whole(16, 96);
  drawn.model.rank = whole(6, 48);
  drawn.model.dropout = rounded(0.2 + 0.5 * random.uniform());
  drawn.mask.probability = rounded(0.15 + 0.35 * random.uniform());
  drawn.mask.block_bins = whole(4, 16);
  drawn.train.weight_decay = rounded(between_logs(random, 1e-5, 1e-2));
  drawn.train.learning_rate = rounded(between_logs(random, 3e-3, 3e-2));
  return drawn;
}

std::string description(const config::TrainRnn& settings) {
  return fmt::format(
      "model.hidden_size = {}, model.rank = {}, model.dropout = {}, mask.probability = {}, "
      "mask.block_bins = {}, train.weight_decay = {}, train.learning_rate = {}",
      settings.model.hidden_size, settings.model.rank, settings.model.dropout, settings.mask.probability,
      settings.mask.block_bins, settings.train.weight_decay, settings.train.learning_rate);
}

}  // namespace rnn_rates::train_rnn
