#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "core/natural_order.hpp"
#include "nwb/recording.hpp"
#include "session/laser.hpp"
#include "session/readers.hpp"
#include "session/regions.hpp"
#include "session/spike_times.hpp"

namespace rnn_rates::session {
namespace {

/// Times are in seconds: what was a whole millisecond may come out this much lower.
constexpr double rounding_ms = 1e-6;

class NwbRecording final : public Recording {
 public:
  NwbRecording(RecordingFacts facts, h5::File file, std::vector<UnitTimes> units, double pre_ms)
      : Recording(std::move(facts)), file_(std::move(file)), units_(std::move(units)), pre_ms_(pre_ms) {}

 private:
  void read_checked(std::size_t taste, std::size_t trial, std::size_t first_ms, std::size_t last_ms,
                    std::span<double> spikes) override {
    const double start_s = tastes()[taste].times_s[trial] - pre_ms_ / 1000;
    const double from_s = start_s + (static_cast<double>(first_ms) - 1) / 1000;
    const double to_s = start_s + (static_cast<double>(last_ms) + 1) / 1000;
    const std::size_t width = last_ms - first_ms;
    std::fill(spikes.begin(), spikes.end(), 0.0);
    for (std::size_t unit = 0; unit < units_.size(); ++unit) {
      units_[unit].visit(from_s, to_s, block_, [&](double time_s) {
        const double ms =
            std::floor((time_s - tastes()[taste].times_s[trial]) * 1000 + pre_ms_ + rounding_ms);
        if (ms < static_cast<double>(first_ms) || ms >= static_cast<double>(last_ms)) return;
        spikes[unit * width + static_cast<std::size_t>(ms) - first_ms] += 1.0;
      });
    }
  }

  h5::File file_;
  std::vector<UnitTimes> units_;
  double pre_ms_;
  std::vector<double> block_;
};

std::vector<UnitTimes> open_units(const h5::File& file) {
  const nwb::SpikeTimes spikes = nwb::find_spike_times(file);
  std::vector<UnitTimes> units;
  for (std::size_t unit = 0; unit + 1 < spikes.starts.size(); ++unit)
    units.emplace_back(spikes.times_s, spikes.starts[unit], spikes.starts[unit + 1] - spikes.starts[unit]);
  return units;
}

std::vector<std::string> read_regions(const h5::File& file, std::size_t units) {
  std::vector<std::string> regions = nwb::read_locations(file, units);
  if (regions.empty()) return std::vector<std::string>(units, "all");
  for (std::string& region : regions) region = region_name(region);
  return regions;
}

/// (trial) Taste::laser_ms; empty where the table does not tell.
std::vector<std::array<double, 2>> laser_spans(const nwb::TrialLaser& laser) {
  std::vector<std::array<double, 2>> spans_ms;
  for (std::size_t row = 0; row < laser.durations_ms.size(); ++row)
    spans_ms.push_back(laser_span_ms(laser.durations_ms[row], laser.lags_ms[row]));
  for (const bool on : laser.on) spans_ms.push_back(laser_span_ms(on));
  return spans_ms;
}

/// The rows to take, by time. Those without a time and those after the last spike are left out, and told in
/// `notes`.
std::vector<std::size_t> recorded_rows(const nwb::Trials& trials, const std::string& align_to,
                                       double last_spike_s, std::vector<std::string>& notes) {
  const std::vector<double>& times_s = trials.times_s;
  std::vector<std::size_t> order;
  for (std::size_t row = 0; row < times_s.size(); ++row) {
    if (times_s[row] <= last_spike_s) order.push_back(row);
  }
  if (order.size() < times_s.size()) {
    notes.push_back(fmt::format("{}: {} of {} trials have no {} before the last spike and are left out",
                                trials.table.where(), times_s.size() - order.size(), times_s.size(),
                                align_to));
  }
  if (order.empty()) {
    throw Error(ErrorKind::input, "{}: no trial has a {} up to the last spike, at {} s; expected seconds",
                trials.table.where(), align_to, last_spike_s);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return times_s[a] < times_s[b]; });
  return order;
}

/// Trials sorted by time and grouped by condition, or by dig-in where the table has blech_clust's columns.
std::vector<Taste> read_tastes(const h5::File& file, const nwb::TrialColumns& columns, double last_spike_s,
                               bool with_laser, std::vector<std::string>& notes) {
  const nwb::Trials trials = nwb::read_trials(file, columns);
  const std::vector<std::size_t> order = recorded_rows(trials, columns.align_to, last_spike_s, notes);
  std::vector<std::array<double, 2>> laser_ms;
  if (with_laser) laser_ms = laser_spans(nwb::read_laser(trials));
  std::map<std::string, Taste, decltype(&natural_less)> tastes(&natural_less);
  for (const std::size_t row : order) {
    Taste& taste = tastes.try_emplace(trials.dig_ins[row], Taste{trials.conditions[row], trials.dig_ins[row]})
                       .first->second;
    taste.times_s.push_back(trials.times_s[row]);
    if (!laser_ms.empty()) taste.laser_ms.push_back(laser_ms[row]);
    ++taste.trials;
  }
  std::vector<Taste> all;
  all.reserve(tastes.size());
  for (auto& [key, taste] : tastes) all.push_back(std::move(taste));
  return all;
}

}  // namespace

std::unique_ptr<Recording> open_nwb(OpenSession session, const nwb::TrialColumns& columns,
                                    const TrialSpan& span) {
  std::vector<UnitTimes> units = open_units(session.file);
  double last_s = 0;
  for (const UnitTimes& unit : units) last_s = std::max(last_s, unit.last());
  RecordingFacts facts;
  facts.kind = "nwb";
  facts.file = session.place.h5;
  facts.sources = {facts.file};
  facts.tastes = read_tastes(session.file, columns, last_s, session.laser, facts.notes);
  facts.array_ms = span.array_ms;
  facts.unit_regions = session.regions_all ? std::vector<std::string>(units.size(), "all")
                                           : read_regions(session.file, units.size());
  return std::make_unique<NwbRecording>(std::move(facts), std::move(session.file), std::move(units),
                                        span.pre_ms);
}

}  // namespace rnn_rates::session
