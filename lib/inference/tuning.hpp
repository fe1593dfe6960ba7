#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "inference/fit_data.hpp"
#include "inference/fit_model.hpp"
#include "neural/metrics.hpp"

namespace rnn_rates::inference {

/// What networks tell of spikes that were hidden from them, of each independent run of trials; the runs of
/// several folds and fits one after the other, in the same order for all networks that are compared.
using Runs = std::vector<neural::Information>;

/// What the network of a fold, or of a fit without folds, tells of its held-out trials while their blocks are
/// hidden as hidden_parts() deals them. Throws Error(stopped) once `stop` is requested.
Runs held_out_information(const FitData& data, const FitModel& model, std::optional<std::uint32_t> fold,
                          const std::stop_token& stop = {});

/// Bits per hidden spike of some settings minus those of others, with its standard error over runs, paired.
struct Difference {
  double bits;
  double standard_error;
};
Difference difference(const Runs& runs, const Runs& others);

/// The places of the best `count` of the candidates by bits per hidden spike, and of the first, the settings
/// as they are; ascending.
std::vector<std::size_t> best_of(std::span<const Runs> candidates, std::size_t count);

/// The place of the best candidate where it beats the first by more than one standard error of the
/// difference, so that chance changes no settings; else 0, the first.
std::size_t winner(std::span<const Runs> candidates);

}  // namespace rnn_rates::inference
