#include "extract_bins/extract.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/digest.hpp"
#include "core/stop.hpp"
#include "neural/context.hpp"
#include "neural/observed.hpp"
#include "session/recording.hpp"

namespace rnn_rates::extract_bins {
namespace {

/// Lists the spikes of a unit in a trial. Where there are more than milliseconds, they are no spikes of
/// single units, and the list, which could grow without end, is given up.
void keep_spikes(std::span<const double> spikes, std::span<const std::uint32_t> with_spikes,
                 const neural::BinGrid& grid, std::span<const std::uint16_t> counts,
                 std::span<const std::uint8_t> observed, std::optional<std::vector<std::uint32_t>>& kept) {
  if (!kept) return;
  if (std::accumulate(counts.begin(), counts.end(), std::size_t{0}) > spikes.size()) {
    kept.reset();
  } else {
    neural::list_spikes(spikes, with_spikes, grid, observed, *kept);
  }
}

/// Bins one taste trial by trial, adding the spikes to `kept`; `observed` (trial, unit, bin).
Array<std::uint16_t, 3> bin_taste(session::Recording& recording, std::size_t taste,
                                  const neural::BinGrid& grid, std::span<const std::uint8_t> observed,
                                  std::optional<std::vector<std::uint32_t>>& kept) {
  const std::size_t units = recording.units(), trials = recording.tastes()[taste].trials;
  const auto first_ms = static_cast<std::size_t>(grid.start_ms), last_ms = first_ms + grid.window_ms();
  const std::string where = fmt::format("{}, taste {} ({})", recording.file().string(),
                                        recording.tastes()[taste].name, recording.tastes()[taste].dig_in);
  Array<std::uint16_t, 3> counts({trials, units, grid.bins});
  std::vector<double> spikes(units * grid.window_ms());
  for (std::size_t trial = 0; trial < trials; ++trial) {
    end_if_stop_requested();
    recording.read_trial(taste, trial, first_ms, last_ms, spikes);
    for (std::size_t unit = 0; unit < units; ++unit) {
      const std::size_t first = (trial * units + unit) * grid.bins;
      const auto of_unit = std::span<const double>(spikes).subspan(unit * grid.window_ms(), grid.window_ms());
      const auto counts_of_unit = counts.values().subspan(first, grid.bins);
      const auto with_spikes = neural::bin_spikes(of_unit, unit, grid, counts_of_unit, where, trial);
      keep_spikes(of_unit, with_spikes, grid, counts_of_unit,
                  observed.empty() ? observed : observed.subspan(first, grid.bins), kept);
    }
  }
  return counts;
}

void add_true_rates(const session::Recording& recording, const neural::BinGrid& grid, Extracted& extracted,
                    Digest& digest) {
  const auto truth = h5::reading([&] { return session::read_true_rates(recording); });
  if (!truth) return;
  extracted.bins.true_rate_hz = neural::rebin_rates(truth->rate_hz, truth->bin_ms, grid);
  if (!extracted.bins.true_rate_hz) {
    spdlog::warn(
        "{}: its true rates come in bins of {} ms, which do not fit bins of {} ms from {} ms; left out",
        recording.file().string(), truth->bin_ms, grid.bin_ms, grid.start_ms);
    return;
  }
  digest.add(extracted.bins.true_rate_hz->data(), extracted.bins.true_rate_hz->size() * sizeof(float));
}

/// The laser as an input of the networks.
void add_laser(const session::Recording& recording, const neural::BinGrid& grid, Extracted& extracted,
               Digest& digest) {
  bool times_known = true;
  for (const session::Taste& taste : recording.tastes()) {
    const auto& laser = extracted.bins.laser.emplace_back(neural::laser_bins(taste.laser_ms, grid));
    digest.add(laser.data(), laser.size());
    for (const auto& span_ms : taste.laser_ms) times_known = times_known && std::isfinite(span_ms[0]);
  }
  if (!times_known) {
    spdlog::warn(
        "{}: tells in which trials the laser was on but not when; it is taken to be on in all bins of these",
        recording.file().string());
  }
}

/// (taste) which bins were observed; empty where all were.
std::vector<neural::Observed> observed_of(const session::Recording& recording, const neural::BinGrid& grid) {
  std::vector<neural::Observed> observed;
  if (recording.facts().observed.empty()) return observed;
  bool all = true;
  for (const session::Taste& taste : recording.tastes()) {
    const neural::Observed& of_taste =
        observed.emplace_back(neural::observed_bins(recording.facts().observed, taste.times_s, grid));
    all = all && std::ranges::all_of(of_taste.values(), [](std::uint8_t entry) { return entry != 0; });
  }
  if (all) observed.clear();
  return observed;
}

/// (trial of all tastes in order) of the stimulus; empty unless all are known.
std::vector<double> trial_times_s(const std::vector<session::Taste>& tastes) {
  std::vector<double> times_s;
  for (const session::Taste& taste : tastes) {
    if (taste.times_s.empty()) return {};
    times_s.insert(times_s.end(), taste.times_s.begin(), taste.times_s.end());
  }
  return times_s;
}

/// (trial of all tastes in order) what the recording's table says. Our own columns keep their names.
Columns trial_columns(const session::Recording& recording) {
  std::vector<std::int64_t> rows;
  std::vector<std::string> tastes;
  for (const session::Taste& taste : recording.tastes()) {
    rows.insert(rows.end(), taste.rows.begin(), taste.rows.end());
    tastes.insert(tastes.end(), taste.trials, taste.name);
  }
  Columns columns{{"row", rows}, {"taste", std::move(tastes)}};
  for (const auto& [name, column] : recording.facts().trial_table) {
    const bool is_ours = name == "time_s" || name == "observed";
    add_column(columns, is_ours ? "recorded_" + name : name, rows_of(column, rows));
  }
  return columns;
}

void add_columns(const Columns& columns, Digest& digest) {
  for (const auto& [name, column] : columns) {
    digest.add_text(name);
    std::visit(
        [&](const auto& values) {
          if constexpr (std::is_same_v<std::decay_t<decltype(values)>, std::vector<std::string>>) {
            for (const std::string& text : values) digest.add_text(text);
          } else {
            digest.add(values.data(), values.size() * sizeof(values[0]));
          }
        },
        column);
  }
}

}  // namespace

Extracted extract(session::Recording& recording, const neural::BinGrid& grid, bool laser_is_input) {
  Extracted extracted;
  Digest digest;
  artifact::SessionBins& bins = extracted.bins;
  bins.bin_edges_ms = grid.edges_ms();
  bins.stim_ms = grid.stim_ms;
  bins.unit_regions = recording.unit_regions();
  for (const std::string& region : bins.unit_regions) digest.add_text(region);
  bins.unit_columns = recording.facts().unit_columns;
  add_columns(bins.unit_columns, digest);
  bins.observed = observed_of(recording, grid);
  if (recording.resolution_ms() == 1) extracted.ms_in_bin.emplace();
  for (std::size_t taste = 0; taste < recording.tastes().size(); ++taste) {
    bins.taste_names.push_back(recording.tastes()[taste].name);
    bins.taste_dig_ins.push_back(recording.tastes()[taste].dig_in);
    digest.add_text(bins.taste_names.back());
    digest.add_text(bins.taste_dig_ins.back());
    const auto observed = bins.observed.empty() ? std::span<const std::uint8_t>()
                                                : std::as_const(bins.observed)[taste].values();
    bins.counts.push_back(bin_taste(recording, taste, grid, observed, extracted.ms_in_bin));
    digest.add(bins.counts.back().data(), bins.counts.back().size() * sizeof(std::uint16_t));
  }
  if (extracted.ms_in_bin)
    digest.add(extracted.ms_in_bin->data(), extracted.ms_in_bin->size() * sizeof(std::uint32_t));
  for (const neural::Observed& taste : bins.observed) digest.add(taste.data(), taste.size());
  bins.trial_time_s = trial_times_s(recording.tastes());
  digest.add(bins.trial_time_s.data(), bins.trial_time_s.size() * sizeof(double));
  bins.trial_columns = trial_columns(recording);
  add_columns(bins.trial_columns, digest);
  if (recording.laser_apart()) {
    for (const session::Taste& taste : recording.tastes())
      bins.taste_laser.push_back(session::laser_on(taste.laser_ms.front()));
  }
  if (laser_is_input) add_laser(recording, grid, extracted, digest);
  add_true_rates(recording, grid, extracted, digest);
  extracted.digest = digest.hex();
  return extracted;
}

}  // namespace rnn_rates::extract_bins
