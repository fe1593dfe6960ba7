#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>

#include "core/error.hpp"
#include "nwb/conditions.hpp"
#include "nwb/observed.hpp"
#include "nwb/recording.hpp"
#include "nwb/regions.hpp"
#include "session/laser.hpp"
#include "session/observed_time.hpp"
#include "session/plausible_times.hpp"
#include "session/readers.hpp"
#include "session/regions.hpp"
#include "session/spike_times.hpp"

namespace rnn_rates::session {
namespace {

/// Times are in seconds: what was a whole millisecond may come out this much lower.
constexpr double rounding_ms = 1e-6;

class NwbRecording final : public Recording {
 public:
  NwbRecording(RecordingFacts facts, std::vector<UnitTimes> units, double pre_ms)
      : Recording(std::move(facts)), units_(std::move(units)), pre_ms_(pre_ms) {}

 private:
  void read_checked(std::size_t taste, std::size_t trial, std::size_t first_ms, std::size_t last_ms,
                    std::span<double> spikes) override {
    const double start_s = tastes()[taste].times_s[trial] - pre_ms_ / 1000;
    const double from_s = start_s + (static_cast<double>(first_ms) - 1) / 1000;
    const double to_s = start_s + (static_cast<double>(last_ms) + 1) / 1000;
    const std::size_t width = last_ms - first_ms;
    std::fill(spikes.begin(), spikes.end(), 0.0);
    for (std::size_t unit = 0; unit < units_.size(); ++unit) {
      for (const double time_s : units_[unit].between(from_s, to_s)) {
        const double ms =
            std::floor((time_s - tastes()[taste].times_s[trial]) * 1000 + pre_ms_ + rounding_ms);
        if (ms < static_cast<double>(first_ms) || ms >= static_cast<double>(last_ms)) continue;
        spikes[unit * width + static_cast<std::size_t>(ms) - first_ms] += 1.0;
      }
    }
  }

  std::vector<UnitTimes> units_;
  double pre_ms_;
};

std::vector<UnitTimes> read_units(const nwb::SpikeTimes& spikes, const Stretches& windows) {
  std::vector<UnitTimes> units;
  units.reserve(spikes.starts.size() - 1);
  for (std::size_t unit = 0; unit + 1 < spikes.starts.size(); ++unit)
    units.emplace_back(*spikes.times_s, spikes.starts[unit], spikes.starts[unit + 1] - spikes.starts[unit],
                       windows);
  return units;
}

/// (trial) Taste::laser_ms; empty where the table does not tell.
std::vector<std::array<double, 2>> laser_spans(const nwb::TrialLaser& laser) {
  std::vector<std::array<double, 2>> spans_ms;
  for (std::size_t row = 0; row < laser.durations_ms.size(); ++row)
    spans_ms.push_back(laser_span_ms(laser.durations_ms[row], laser.lags_ms[row]));
  for (const bool on : laser.on) spans_ms.push_back(laser_span_ms(on));
  return spans_ms;
}

TimesOfRecording times_of(const nwb::Trials& trials, const std::string& align_to, const TrialSpan& span) {
  constexpr double margin_ms = 1;  // for rounding
  TimesOfRecording times{trials.table.where(), align_to, "; choose their column with --align-to"};
  std::copy_if(trials.times_s.begin(), trials.times_s.end(), std::back_inserter(times.trials_s),
               [](double time_s) { return std::isfinite(time_s); });
  times.before_s = (span.pre_ms + margin_ms) / 1000;
  times.after_s = (static_cast<double>(span.array_ms) - span.pre_ms + margin_ms) / 1000;
  return times;
}

/// The rows to take, by time. Those that are left out are told in `notes`.
std::vector<std::size_t> usable_rows(const nwb::Trials& trials, const TimesOfRecording& times,
                                     const RecordedSpan& recorded, std::vector<std::string>& notes) {
  std::vector<std::size_t> order;
  std::map<std::string, std::size_t> left_out;
  for (std::size_t row = 0; row < trials.times_s.size(); ++row) {
    const double time_s = trials.times_s[row];
    if (!std::isfinite(time_s)) {
      ++left_out[fmt::format("without a {}", times.column)];
    } else if (outside(time_s, times, recorded)) {
      ++left_out[time_s > recorded.last_s ? "after the last spike" : "before the first spike"];
    } else if (trials.conditions[row].empty() || trials.dig_ins[row].empty()) {
      ++left_out["without a condition"];
    } else {
      order.push_back(row);
    }
  }
  std::string reasons;
  for (const auto& [reason, count] : left_out)
    reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", count, reason);
  if (order.empty()) {
    throw Error(ErrorKind::input, "{}: no trial is left of {}: {}", times.where, trials.times_s.size(),
                reasons);
  }
  if (!reasons.empty()) {
    notes.push_back(fmt::format("{}: {} of {} trials are left out: {}", times.where,
                                trials.times_s.size() - order.size(), trials.times_s.size(), reasons));
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return trials.times_s[a] < trials.times_s[b]; });
  return order;
}

/// Takes away the rows in whose window no unit was observed, which `notes` tell.
void drop_unobserved(const nwb::Trials& trials, const std::vector<Intervals>& observed, const TrialSpan& span,
                     std::vector<std::size_t>& rows, std::vector<std::string>& notes) {
  Intervals of_any;
  for (const Intervals& unit : observed) of_any.insert(of_any.end(), unit.begin(), unit.end());
  of_any = united(std::move(of_any));
  const std::size_t all = rows.size();
  std::erase_if(rows, [&](std::size_t row) {
    const double array_s = trials.times_s[row] - span.pre_ms / 1000;
    const double end_s = array_s + static_cast<double>(span.array_ms) / 1000;
    return common({{array_s + span.window_ms / 1000, end_s}}, of_any).empty();
  });
  if (rows.size() == all) return;
  notes.push_back(
      fmt::format("{}: in the windows of {} of {} trials no unit was recorded; these are left out",
                  trials.table.where(), all - rows.size(), all));
  if (!rows.empty()) return;
  throw Error(
      ErrorKind::input,
      "{}: no unit was recorded in the window of any trial, by obs_intervals, invalid_times and the "
      "first and last spike. Check time_lims_ms, and that trials and spikes are in seconds of one clock",
      trials.table.where());
}

/// Trials grouped by condition, or by dig-in where the table has blech_clust's columns.
std::vector<Taste> group_trials(const nwb::Trials& trials, const std::vector<std::size_t>& rows,
                                bool with_laser) {
  std::vector<std::array<double, 2>> laser_ms;
  if (with_laser) laser_ms = laser_spans(nwb::read_laser(trials));
  const auto before = [&](const std::string& a, const std::string& b) {
    return trials.has_dig_ins ? a < b : nwb::condition_less(a, b);
  };
  std::map<std::string, Taste, decltype(before)> tastes(before);
  for (const std::size_t row : rows) {
    Taste& taste = tastes.try_emplace(trials.dig_ins[row], Taste{trials.conditions[row], trials.dig_ins[row]})
                       .first->second;
    taste.times_s.push_back(trials.times_s[row]);
    taste.rows.push_back(static_cast<std::int64_t>(row));
    if (!laser_ms.empty()) taste.laser_ms.push_back(laser_ms[row]);
    ++taste.trials;
  }
  std::vector<Taste> all;
  all.reserve(tastes.size());
  for (auto& [key, taste] : tastes) all.push_back(std::move(taste));
  return all;
}

}  // namespace

std::unique_ptr<Recording> open_nwb(OpenSession session, const std::string& units_table,
                                    const nwb::TrialColumns& columns, const TrialSpan& span) {
  const nwb::SpikeTimes spikes = nwb::find_spike_times(session.file, units_table);
  const nwb::Trials trials = nwb::read_trials(session.file, columns);
  const TimesOfRecording times = times_of(trials, columns.align_to, span);
  std::vector<UnitTimes> units = read_units(spikes, windows_of(times));
  const RecordedSpan recorded = recorded_span(units, 1);
  if (recorded.spikes == 0)
    throw Error(ErrorKind::input, "{}: no spike in this table", session.file.where(units_table));
  check_plausible(times, recorded);
  RecordingFacts facts;
  if (const auto doubt = doubt_of_unit(times, recorded)) facts.notes.push_back(*doubt);
  facts.kind = "nwb";
  facts.file = session.place.h5;
  facts.sources = {facts.file};
  facts.observed = observed_time(
      units, 1.0, windows_of(times),
      {nwb::read_observed(session.file, units_table, units.size()),
       nwb::read_extents_of(session.file, "/intervals/invalid_times"), nwb::read_extents(trials.table),
       nwb::read_extents_of(session.file, "/intervals/epochs")});
  std::vector<std::size_t> rows = usable_rows(trials, times, recorded, facts.notes);
  drop_unobserved(trials, facts.observed, span, rows, facts.notes);
  facts.tastes = group_trials(trials, rows, session.laser);
  facts.trial_table = nwb::read_short_columns(trials);
  facts.array_ms = span.array_ms;
  if (session.regions_all) {
    facts.unit_regions.assign(units.size(), "all");
  } else {
    set_regions(facts, nwb::read_locations(session.file, units_table, units.size(), facts.notes),
                region_name);
  }
  if (facts.unit_regions.empty()) facts.unit_regions.assign(units.size(), "all");
  return std::make_unique<NwbRecording>(std::move(facts), std::move(units), span.pre_ms);
}

}  // namespace rnn_rates::session
