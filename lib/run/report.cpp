#include "run/report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>

#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace rnn_rates::run {

namespace {

using nlohmann::json;

json to_json(const std::vector<inference::Metric>& metrics) {
  json object = json::object();
  for (const inference::Metric& metric : metrics) object[metric.fit][metric.name] = metric.value;
  return object;
}

/// By fit, best method first.
json to_json(const std::vector<inference::ScoreTable>& tables) {
  json object = json::object();
  for (const inference::ScoreTable& table : tables) {
    for (const inference::MethodScore& score : table.methods) {
      object[table.fit].push_back({{"method", word(score.method)},
                                   {"bits_per_hidden_spike", score.bits_per_hidden_spike},
                                   {"standard_error", score.standard_error},
                                   {"bits_over_best_simple", score.bits_over_best_simple},
                                   {"over_best_simple_standard_error", score.over_best_simple_standard_error},
                                   {"co_bits_per_spike", score.co_bits_per_spike}});
    }
  }
  return object;
}

/// Outputs in the order of their paths, as fits end in any order.
json to_json(std::vector<Output> outputs) {
  std::sort(outputs.begin(), outputs.end(),
            [](const Output& a, const Output& b) { return a.path.native() < b.path.native(); });
  json all = json::array();
  for (const Output& output : outputs) {
    all.push_back({{"path", output.path.string()},
                   {"status", word(output.state)},
                   {"content_digest", output.content_digest}});
  }
  return all;
}

json to_json(const std::string& id, const SessionOutcome& outcome) {
  json entry = {{"session", id}, {"outputs", to_json(outcome.report.outputs)}};
  if (outcome.report.scores) {
    entry["metrics"] = to_json(outcome.report.scores->metrics);
    entry["scores"] = to_json(outcome.report.scores->tables);
    for (const inference::FitVerdict& verdict : outcome.report.scores->verdicts)
      entry["verdicts"][verdict.fit] = {{"verdict", word(verdict.verdict)}, {"why", verdict.why}};
    if (const auto* verdict = inference::worst(outcome.report.scores->verdicts))
      entry["verdict"] = word(verdict->verdict);
  }
  if (outcome.failure) {
    entry["error"] = outcome.failure->message;
    entry["exit_code"] = static_cast<int>(outcome.failure->kind);
  }
  if (outcome.seconds) entry["seconds"] = *outcome.seconds;
  for (const PartTime& part : outcome.parts)
    entry["parts"].push_back({{"name", part.name}, {"seconds", part.seconds}});
  return entry;
}

json to_json(const std::vector<mpi::RankTiming>& ranks) {
  json all = json::array();
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

std::string stdout_text(const Summary& summary, bool as_json) {
  if (!as_json)
    return summary.estimate ? fmt::format("{}\n", fmt::join(to_text(*summary.estimate), "\n")) : "";
  json all = {{"stage", summary.stage}, {"sessions", json::array()}};
  for (const auto& [session, outcome] : summary.outcomes)
    all["sessions"].push_back(to_json(summary.sessions[session].folder.id, outcome));
  if (summary.ranks.size() > 1) all["ranks"] = to_json(summary.ranks);
  if (summary.estimate) all["estimate"] = to_json(*summary.estimate);
  return dump(all, 2) + "\n";
}

}  // namespace

std::string dump(const nlohmann::json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

void print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return;
  throw Error(ErrorKind::output,
              "standard output cannot be written: {}. Make room where it goes and run again.",
              std::strerror(errno));
}

int say_at_the_end(const Summary& summary, const CommonOptions& options, int code) {
  if (summary.ranks.size() > 1) {
    for (const std::string& line : timing_table(summary.ranks, options.verbose)) spdlog::info("{}", line);
  }
  try {
    print(stdout_text(summary, options.json));
    return code;
  } catch (const Error& error) {
    spdlog::error("{}", error.what());
    return code != 0 ? code : static_cast<int>(error.kind());
  }
}

}  // namespace rnn_rates::run
