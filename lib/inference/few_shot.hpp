#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <vector>

#include "inference/fit_data.hpp"
#include "inference/networks.hpp"
#include "inference/score_table.hpp"

namespace rnn_rates::inference {

/// How well latent factors predict units that were hidden from the network, on trials that neither it nor the
/// read-out has seen.
struct FewShot {
  std::size_t shots = 0;          ///< most trials that a read-out is fitted to
  double bits_per_spike = 0;      ///< by read-outs from the factors that were fitted to these trials alone
  double own_bits_per_spike = 0;  ///< by the network's own read-out, on the same spikes
};

/// Few-shot co-smoothing (Dabholkar & Barak 2024, arXiv 2405.14750): factors may hold dynamics that the
/// network's own read-out ignores and co-smoothing cannot see, but each is one more for a new read-out to be
/// misled by, so that factors with invented ones are learned worse from few trials. From each fold's network
/// a quarter of the units, another one per fold, is hidden in all of the trials that it held out. Each hidden
/// unit's Poisson read-out from the factors is fitted to some of these trials, half of them and 8 at
/// most, with a ridge that expects the network's own read-outs' size, and scored on the others. Nothing
/// without folds over trials that hold out two each, or of a single unit. Throws Error(stopped) between folds
/// once `stop` is requested.
std::optional<FewShot> few_shot(const FitData& data, const Networks& networks,
                                const std::stop_token& stop = {});

/// Both scores of the fit `fit`.
std::vector<Metric> metrics_of(const FewShot& score, const std::string& fit);

}  // namespace rnn_rates::inference
