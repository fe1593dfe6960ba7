#include "run/estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/atomic_file.hpp"

namespace rnn_rates::run {
namespace {

constexpr double shortest_array_task_s = 600;

/// What a process holds before it does anything: code, HDF5, MPI.
constexpr double base_memory_bytes = 40e6;

double time_to_ask_for(double expected_s) { return 60 * std::ceil((1.5 * expected_s + 300) / 60); }

std::string slurm_time(double seconds) {
  const auto minutes = static_cast<long long>(std::ceil(seconds / 60));
  return fmt::format("{:02}:{:02}:00", minutes / 60, minutes % 60);
}

std::string duration(double seconds) {
  if (seconds < 100) return fmt::format("{:.3g} s", seconds);
  if (seconds < 6000) return fmt::format("{:.3g} min", seconds / 60);
  return fmt::format("{:.3g} h", seconds / 3600);
}

}  // namespace

Estimate estimate(const std::vector<std::vector<Part>>& parts) {
  Estimate all;
  all.sessions = parts.size();
  for (const auto& session : parts) {
    for (const Part& part : session) {
      ++all.parts;
      all.core_s += part.cost_s;
      all.longest_s = std::max(all.longest_s, part.cost_s);
      all.memory_bytes = std::max(all.memory_bytes, part.memory_bytes);
    }
  }
  if (all.parts == 0) return all;
  const double bundles = std::clamp(all.core_s / std::max(shortest_array_task_s, all.longest_s), 1.0,
                                    static_cast<double>(all.sessions));
  all.array_tasks = static_cast<std::size_t>(bundles);
  // Shards take every n-th session, so one may get a session more than another.
  const double sessions_a_task =
      std::ceil(static_cast<double>(all.sessions) / static_cast<double>(all.array_tasks));
  all.array_task_s = time_to_ask_for(all.core_s / static_cast<double>(all.sessions) * sessions_a_task);
  const double useful = all.longest_s > 0 ? all.core_s / all.longest_s : 1.0;
  all.ranks = static_cast<std::size_t>(std::clamp(useful, 1.0, static_cast<double>(all.parts)));
  // Graham's bound for tasks that are begun as ranks get free.
  all.mpi_s = time_to_ask_for(all.core_s / static_cast<double>(all.ranks) + all.longest_s);
  return all;
}

nlohmann::json to_json(const Estimate& e) {
  return {{"sessions", e.sessions},
          {"parts", e.parts},
          {"core_hours", e.core_s / 3600},
          {"longest_s", e.longest_s},
          {"memory_bytes", base_memory_bytes + e.memory_bytes},
          {"array_tasks", e.array_tasks},
          {"array_time", slurm_time(e.array_task_s)},
          {"ntasks", e.ranks},
          {"mpi_time", slurm_time(e.mpi_s)},
          {"basis", e.basis}};
}

std::vector<std::string> to_text(const Estimate& e) {
  if (e.parts == 0) return {"Nothing to do."};
  std::vector<std::string> lines = {
      fmt::format("{} fits in {} sessions to do", e.parts, e.sessions),
      fmt::format("  time     {:.3g} core-hours, the longest fit {}, less if fits stop early",
                  e.core_s / 3600, duration(e.longest_s)),
      fmt::format("  memory   {} per process, {} per extra thread",
                  size_text(static_cast<std::uintmax_t>(base_memory_bytes + e.memory_bytes)),
                  size_text(static_cast<std::uintmax_t>(e.memory_bytes))),
      fmt::format("  files    {} models; and a checkpoint for each in training", e.parts),
      fmt::format("  Slurm    --array=0-{} --cpus-per-task=1 --time={}   with --shard", e.array_tasks - 1,
                  slurm_time(e.array_task_s)),
      fmt::format("  or MPI   --ntasks={} --cpus-per-task=1 --time={}   or fewer ranks and more time",
                  e.ranks, slurm_time(e.mpi_s))};
  if (!e.basis.empty()) lines.insert(lines.begin() + 2, "           " + e.basis);
  return lines;
}

}  // namespace rnn_rates::run
