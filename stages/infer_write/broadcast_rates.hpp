#pragma once

#include "artifact/rates_file.hpp"
#include "mpi/group.hpp"

namespace rnn_rates::infer_write {

/// Gives every rank the rates, or the table, that rank `from` has. All ranks of the group call it. Where one
/// does not get the memory, it throws on all.
void broadcast(artifact::FitRates& rates, int from, const mpi::Group& group);
void broadcast(artifact::ScoreTable& table, int from, const mpi::Group& group);

}  // namespace rnn_rates::infer_write
