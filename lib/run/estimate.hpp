#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "run/stage.hpp"

namespace rnn_rates::run {

/// What the parts of a list of sessions will take, and how to ask Slurm for it.
struct Estimate {
  std::size_t sessions = 0;  ///< with anything to do
  std::size_t parts = 0;
  double core_s = 0;        ///< of all parts, on one core each
  double longest_s = 0;     ///< part
  double memory_bytes = 0;  ///< of the part that needs most
  std::size_t array_tasks = 0;
  double array_task_s = 0;  ///< time to ask for, for each task of the array
  std::size_t ranks = 0;    ///< more would wait for the longest part
  double mpi_s = 0;         ///< time to ask for, for an MPI job of so many ranks
  std::string basis = {};   ///< of all times, for people; "" for none
};

/// `parts` of each session that has any. Tasks of the array get ten minutes of work or more where there is
/// so much; times to ask for have half as much again and five minutes, in whole minutes.
Estimate estimate(const std::vector<std::vector<Part>>& parts);

nlohmann::json to_json(const Estimate& estimate);
/// For people, a line each.
std::vector<std::string> to_text(const Estimate& estimate);

}  // namespace rnn_rates::run
