#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace rnn_rates::train_rnn {

/// A round of tuning: so many candidates are trained for so great a part of the steps.
struct Rung {
  std::size_t candidates;
  std::uint32_t part;  ///< all steps divided by this
};

/// The rounds of successive halving (Jamieson & Talwalkar 2016; Li et al. 2018): all of tune.trials at first,
/// then the better quarter of those before for four times the steps, until four at most have all steps.
/// From the second round on the settings as they are come on top where they were not among the better ones.
/// None with fewer than two trials.
std::vector<Rung> rungs_of(const config::TrainRnn& settings);

/// Settings that are tried: number 0 as they are; others drawn from the ranges that
/// docs/choosing_settings.md lists, the same for a number in every session and run. None of them tunes.
config::TrainRnn candidate(const config::TrainRnn& settings, std::size_t number);

/// What candidates differ in, as "key = value" parts of a TOML file.
std::string description(const config::TrainRnn& settings);

}  // namespace rnn_rates::train_rnn
