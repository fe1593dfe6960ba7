#pragma once

#include <cstdint>

#include "core/array.hpp"
#include "inference/fit_data.hpp"

namespace rnn_rates::inference {

/// Which run each (trial, bin) belongs to, runs being what a score's standard error takes for independent:
/// single trials; where trials overlap, stretches of neighbours twice as long as the overlaps reach, at least
/// four; of a single trial in chops, stretches as long as a chop.
Array<std::uint32_t, 2> independent_runs(const FitData& data);

/// The fold that holds each (trial, bin) out; 0 without folds.
Array<std::uint32_t, 2> fold_of_entries(const FitData& data);

}  // namespace rnn_rates::inference
