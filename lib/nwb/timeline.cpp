#include "nwb/timeline.hpp"

#include <algorithm>

namespace rnn_rates::nwb {
namespace {

/// Puts each trial into the first series whose last window has ended.
void share_out(const RatesSession& session, Timeline& line) {
  constexpr double rounding_s = 1e-6;
  std::vector<double> ends_s;
  for (TimedTrial& trial : line.trials) {
    const double start_s = trial.stimulus_s + session.window_start_s;
    const auto free =
        std::ranges::find_if(ends_s, [&](double end_s) { return end_s <= start_s + rounding_s; });
    trial.series = static_cast<std::size_t>(free - ends_s.begin());
    if (free == ends_s.end()) ends_s.push_back(0);
    ends_s[trial.series] = trial.stimulus_s + session.window_end_s;
  }
  line.series = ends_s.size();
}

}  // namespace

Timeline lay_out(const RatesSession& session) {
  Timeline line;
  for (const ConditionTrials& condition : session.conditions)
    line.recorded = line.recorded && condition.stimulus_s.size() == condition.trials;
  const double window_s = session.window_end_s - session.window_start_s;
  for (std::size_t condition = 0; condition < session.conditions.size(); ++condition) {
    const ConditionTrials& of = session.conditions[condition];
    for (std::size_t trial = 0; trial < of.trials; ++trial) {
      const std::size_t at = line.trials.size();
      const double made_up_s = static_cast<double>(at) * (window_s + 1) - session.window_start_s;
      line.trials.push_back({condition, trial, at, line.recorded ? of.stimulus_s[trial] : made_up_s});
    }
  }
  std::ranges::stable_sort(line.trials, {}, &TimedTrial::stimulus_s);
  share_out(session, line);
  return line;
}

}  // namespace rnn_rates::nwb
