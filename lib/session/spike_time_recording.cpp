#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/natural_order.hpp"
#include "session/observed_time.hpp"
#include "session/plausible_times.hpp"
#include "session/readers.hpp"
#include "session/regions.hpp"
#include "session/session_info.hpp"
#include "session/spike_times.hpp"
#include "session/trial_info.hpp"

namespace rnn_rates::session {
namespace {

class SpikeTimeRecording final : public Recording {
 public:
  SpikeTimeRecording(RecordingFacts facts, std::vector<UnitTimes> units, const CutParameters& cut,
                     std::vector<TasteStarts> trials)
      : Recording(std::move(facts)), units_(std::move(units)), cut_(cut), trials_(std::move(trials)) {}

 private:
  void read_checked(std::size_t taste, std::size_t trial, std::size_t first_ms, std::size_t last_ms,
                    std::span<double> spikes) override;

  std::vector<UnitTimes> units_;
  CutParameters cut_;
  std::vector<TasteStarts> trials_;  ///< (taste)
};

void SpikeTimeRecording::read_checked(std::size_t taste, std::size_t trial, std::size_t first_ms,
                                      std::size_t last_ms, std::span<double> spikes) {
  const double start = trials_[taste].start_samples[trial];
  const double from = start - static_cast<double>(cut_.pre_ms) * cut_.samples_per_ms;
  const double to = start + static_cast<double>(cut_.post_ms) * cut_.samples_per_ms;
  const std::size_t width = last_ms - first_ms;
  std::fill(spikes.begin(), spikes.end(), 0.0);
  for (std::size_t unit = 0; unit < units_.size(); ++unit) {
    for (const double time : units_[unit].between(from, to)) {
      const double ms = std::trunc((time - start) / cut_.samples_per_ms) + static_cast<double>(cut_.pre_ms);
      if (ms < static_cast<double>(first_ms) || ms >= static_cast<double>(last_ms)) continue;
      spikes[unit * width + static_cast<std::size_t>(ms) - first_ms] = 1.0;
    }
  }
}

UnitTimes read_unit(const h5::File& file, const std::string& unit, const Stretches& windows) {
  const h5::Dataset times(file, "/sorted_units/" + unit + "/times");
  return UnitTimes(times, 0, times.length(), windows);
}

/// `windows` in samples.
std::vector<UnitTimes> read_units(const h5::File& file, const Stretches& windows) {
  std::vector<std::string> names = h5::children(file, "/sorted_units");
  if (names.empty()) {
    throw Error(ErrorKind::input, "{}: no unit in this group; expected unit000 and so on, each with times",
                file.where("/sorted_units"));
  }
  std::sort(names.begin(), names.end(), natural_less);
  std::vector<UnitTimes> units;
  units.reserve(names.size());
  for (const std::string& name : names) units.push_back(read_unit(file, name, windows));
  return units;
}

TimesOfRecording times_of(const std::vector<TasteStarts>& trials, const CutParameters& cut,
                          const std::string& csv) {
  TimesOfRecording times{csv, "start_taste"};
  for (const TasteStarts& taste : trials) {
    for (const double start : taste.start_samples)
      times.trials_s.push_back(start / cut.samples_per_ms / 1000);
  }
  times.before_s = static_cast<double>(cut.pre_ms) / 1000;
  times.after_s = static_cast<double>(cut.post_ms) / 1000;
  return times;
}

/// The windows of trials, in samples.
Stretches windows_in_samples(const std::vector<TasteStarts>& trials, const CutParameters& cut) {
  Stretches windows;
  for (const TasteStarts& taste : trials) {
    for (const double start : taste.start_samples) {
      windows.push_back({start - static_cast<double>(cut.pre_ms) * cut.samples_per_ms,
                         start + static_cast<double>(cut.post_ms) * cut.samples_per_ms});
    }
  }
  return joined(std::move(windows));
}

/// The file that trials cannot be cut without.
std::filesystem::path require_beside(const OpenSession& session,
                                     const std::optional<std::filesystem::path>& found,
                                     const std::string& name) {
  if (found && std::filesystem::exists(*found)) return *found;
  throw Error(ErrorKind::input,
              "{}: has /sorted_units but no /spike_trains, or --from spike_times leaves these, so trials are "
              "cut from "
              "spike times; for that {} must lie beside it. Run blech_make_arrays.py, or restore that file.",
              session.place.h5.string(), name);
}

/// Takes away the trials that start after the last spike of all units: nothing was recorded by then.
void drop_unrecorded(std::vector<TasteStarts>& tastes, const std::vector<UnitTimes>& units,
                     const std::filesystem::path& csv) {
  double last_spike = units.front().last();
  for (const UnitTimes& unit : units) last_spike = std::max(last_spike, unit.last());
  for (TasteStarts& taste : tastes) {
    std::erase_if(taste.start_samples, [&](double start) { return start > last_spike; });
    if (!taste.laser_ms.empty()) taste.laser_ms.resize(taste.start_samples.size());
    taste.rows.resize(taste.start_samples.size());
    if (taste.start_samples.empty()) {
      throw Error(
          ErrorKind::input,
          "{}: all trials of {} start after the last spike, sample {}; expected start_taste in samples "
          "since the start of the same recording",
          csv.string(), taste.dig_in, last_spike);
    }
  }
}

/// Names come from the table itself, else from the .info file.
std::vector<Taste> name_tastes(const std::vector<TasteStarts>& trials,
                               const std::optional<std::filesystem::path>& info) {
  std::vector<std::string> names;
  names.reserve(trials.size());
  for (const TasteStarts& taste : trials) names.push_back(taste.dig_in);
  if (info) names = read_taste_names(*info, names);
  std::vector<Taste> tastes;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    tastes.push_back({trials[i].taste.empty() ? names[i] : trials[i].taste, trials[i].dig_in,
                      trials[i].start_samples.size()});
  }
  return tastes;
}

}  // namespace

std::unique_ptr<Recording> open_spike_times(OpenSession session) {
  const std::filesystem::path csv = require_beside(
      session, session.place.h5.parent_path() / "trial_info_frame.csv", "trial_info_frame.csv");
  const std::filesystem::path params = require_beside(session, find_beside(session.place, ".params"),
                                                      session.place.h5.stem().string() + ".params");
  const CutParameters cut = read_cut_parameters(params);
  if (cut.pre_ms + cut.post_ms == 0) {
    throw Error(ErrorKind::input, "{}: the key 'spike_array_durations' is [0, 0], expected a length above 0",
                params.string());
  }
  std::vector<TasteStarts> trials = read_trial_info(csv);
  std::vector<UnitTimes> units = read_units(session.file, windows_in_samples(trials, cut));
  const RecordedSpan recorded = recorded_span(units, 1 / cut.samples_per_ms / 1000);
  if (recorded.spikes == 0)
    throw Error(ErrorKind::input, "{}: no unit has a spike", session.file.where("/sorted_units"));
  check_plausible(times_of(trials, cut, csv.string()), recorded);
  drop_unrecorded(trials, units, csv);
  RecordingFacts facts;
  facts.file = session.place.h5;
  facts.reach = session.file.reach();
  facts.sources = {facts.file, csv, params};
  if (session.info) facts.sources.push_back(*session.info);
  facts.tastes = name_tastes(trials, session.info);
  for (std::size_t taste = 0; taste < trials.size(); ++taste) {
    for (const double start : trials[taste].start_samples)
      facts.tastes[taste].times_s.push_back(start / cut.samples_per_ms / 1000);
    if (session.laser) facts.tastes[taste].laser_ms = trials[taste].laser_ms;
    facts.tastes[taste].rows = trials[taste].rows;
  }
  facts.trial_table = read_trial_table(csv);
  facts.array_ms = cut.pre_ms + cut.post_ms;
  facts.observed = observed_time(units, cut.samples_per_ms * 1000, {}, {});
  set_regions(facts, find_unit_regions(session.file, units.size(), session.info, session.regions_all),
              without_slashes);
  return std::make_unique<SpikeTimeRecording>(std::move(facts), std::move(units), cut, std::move(trials));
}

}  // namespace rnn_rates::session
