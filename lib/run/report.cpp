#include "run/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>

#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace rnn_rates::run {

void Report::add(std::size_t session, nlohmann::json entry) {
  const auto [at, fresh] = entries_.try_emplace(session, entry);
  if (fresh) return;
  nlohmann::json& earlier = at->second;
  for (nlohmann::json& output : entry["outputs"]) earlier["outputs"].push_back(std::move(output));
  for (nlohmann::json& part : entry["parts"]) earlier["parts"].push_back(std::move(part));
  earlier["seconds"] = earlier.value("seconds", 0.0) + entry.value("seconds", 0.0);
  if (earlier.contains("error")) return;
  for (const char* key : {"error", "exit_code", "metrics"}) {
    if (entry.contains(key)) earlier[key] = entry[key];
  }
}

nlohmann::json Report::sessions() const {
  nlohmann::json all = nlohmann::json::array();
  for (const auto& [number, entry] : entries_) {
    all.push_back(entry);
    // Fits end in any order.
    auto& outputs = all.back()["outputs"];
    std::sort(outputs.begin(), outputs.end(),
              [](const auto& a, const auto& b) { return a["path"] < b["path"]; });
  }
  return all;
}

nlohmann::json to_json(const std::string& session_id, const SessionReport& report) {
  nlohmann::json outputs = nlohmann::json::array();
  for (const OutputReport& output : report.outputs) {
    outputs.push_back({{"path", output.path.string()},
                       {"status", output.status},
                       {"content_digest", output.content_digest}});
  }
  nlohmann::json entry = {{"session", session_id}, {"outputs", outputs}};
  if (!report.metrics.is_null()) entry["metrics"] = report.metrics;
  return entry;
}

std::string dump(const nlohmann::json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

void print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return;
  throw Error(ErrorKind::output,
              "standard output: cannot be written: {}. Make room where it goes and run again.",
              std::strerror(errno));
}

nlohmann::json to_json(const std::vector<mpi::RankTiming>& ranks) {
  nlohmann::json all = nlohmann::json::array();
  for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
    all.push_back({{"rank", rank},
                   {"tasks", ranks[rank].tasks},
                   {"threads", ranks[rank].threads},
                   {"wall_s", ranks[rank].wall_s},
                   {"busy_s", ranks[rank].busy_s},
                   {"idle", ranks[rank].idle()},
                   {"peak_memory_bytes", ranks[rank].peak_memory}});
  }
  return all;
}

std::vector<std::string> timing_table(const std::vector<mpi::RankTiming>& ranks, bool each) {
  using Timing = mpi::RankTiming;
  std::vector<std::string> lines = {fmt::format("{} ranks, {:.1f} s{:>20} {:>10} {:>10}", ranks.size(),
                                                ranks.front().wall_s, "min", "mean", "max")};
  const auto row = [&](const char* name, const std::function<double(const Timing&)>& value,
                       const std::function<std::string(double)>& text) {
    double sum = 0, least = value(ranks.front()), most = least;
    for (const Timing& rank : ranks) {
      sum += value(rank);
      least = std::min(least, value(rank));
      most = std::max(most, value(rank));
    }
    lines.push_back(fmt::format("  {:<24} {:>10} {:>10} {:>10}", name, text(least),
                                text(sum / static_cast<double>(ranks.size())), text(most)));
  };
  const auto number = [](double value) { return fmt::format("{:.1f}", value); };
  row(
      "tasks", [](const Timing& rank) { return static_cast<double>(rank.tasks); }, number);
  row(
      "busy (s, all threads)", [](const Timing& rank) { return rank.busy_s; }, number);
  row(
      "idle", [](const Timing& rank) { return rank.idle(); },
      [](double value) { return fmt::format("{:.1f}%", 100 * value); });
  row(
      "peak memory", [](const Timing& rank) { return rank.peak_memory; },
      [](double value) { return size_text(static_cast<std::uintmax_t>(value)); });
  for (std::size_t rank = 0; each && rank < ranks.size(); ++rank) {
    lines.push_back(fmt::format("  rank {:<5} {:>6} tasks {:>8.1f} s busy on {} threads {:>6.1f}% idle", rank,
                                ranks[rank].tasks, ranks[rank].busy_s, ranks[rank].threads,
                                100 * ranks[rank].idle()));
  }
  return lines;
}

}  // namespace rnn_rates::run
