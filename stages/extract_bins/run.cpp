#include "extract_bins/run.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "artifact/artifact.hpp"
#include "artifact/bins_file.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/stop.hpp"
#include "extract_bins/what_was_observed.hpp"
#include "h5/attribute.hpp"
#include "neural/binning.hpp"
#include "neural/context.hpp"
#include "neural/observed.hpp"
#include "run/places.hpp"
#include "run/recording.hpp"
#include "session/recording.hpp"
#include "session/simulate.hpp"
#include "session/true_rates.hpp"

namespace rnn_rates::extract_bins {
namespace {

namespace fs = std::filesystem;

struct Extracted {
  artifact::SessionBins bins;
  std::string digest;  ///< of all that was read
};

/// Bins one taste trial by trial, adding the spikes to `digest`.
Array<std::uint16_t, 3> bin_taste(session::Recording& recording, std::size_t taste,
                                  const neural::BinGrid& grid, Digest& digest) {
  const std::size_t units = recording.units(), trials = recording.tastes()[taste].trials;
  const auto first_ms = static_cast<std::size_t>(grid.start_ms), last_ms = first_ms + grid.window_ms();
  const std::string where = fmt::format("{}, taste {} ({})", recording.file().string(),
                                        recording.tastes()[taste].name, recording.tastes()[taste].dig_in);
  Array<std::uint16_t, 3> counts({trials, units, grid.bins});
  std::vector<double> spikes(units * grid.window_ms());
  for (std::size_t trial = 0; trial < trials; ++trial) {
    end_if_stop_requested();
    recording.read_trial(taste, trial, first_ms, last_ms, spikes);
    neural::bin_spikes(spikes, units, grid,
                       counts.values().subspan(trial * units * grid.bins, units * grid.bins), where, trial);
    digest.add(spikes.data(), spikes.size() * sizeof(double));
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

/// Which bins were observed, where not all were.
void add_observed(const session::Recording& recording, const neural::BinGrid& grid,
                  artifact::SessionBins& bins, Digest& digest) {
  if (recording.facts().observed.empty()) return;
  bool all = true;
  for (const session::Taste& taste : recording.tastes()) {
    const neural::Observed& of_taste =
        bins.observed.emplace_back(neural::observed_bins(recording.facts().observed, taste.times_s, grid));
    all = all && std::ranges::all_of(of_taste.values(), [](std::uint8_t entry) { return entry != 0; });
  }
  if (all) bins.observed.clear();
  for (const neural::Observed& taste : bins.observed) digest.add(taste.data(), taste.size());
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
  for (std::size_t taste = 0; taste < recording.tastes().size(); ++taste) {
    bins.taste_names.push_back(recording.tastes()[taste].name);
    bins.taste_dig_ins.push_back(recording.tastes()[taste].dig_in);
    digest.add_text(bins.taste_names.back());
    digest.add_text(bins.taste_dig_ins.back());
    bins.counts.push_back(bin_taste(recording, taste, grid, digest));
  }
  add_observed(recording, grid, bins, digest);
  bins.trial_time_s = trial_times_s(recording.tastes());
  digest.add(bins.trial_time_s.data(), bins.trial_time_s.size() * sizeof(double));
  if (recording.laser_apart()) {
    for (const session::Taste& taste : recording.tastes())
      bins.taste_laser.push_back(session::laser_on(taste.laser_ms.front()));
  }
  if (laser_is_input) add_laser(recording, grid, extracted, digest);
  add_true_rates(recording, grid, extracted, digest);
  extracted.digest = digest.hex();
  return extracted;
}

/// The digest of bins.h5 where it was made as it would be now, from files that have not been touched since.
std::optional<std::string> untouched(const run::Context& context, const fs::path& path,
                                     const std::string& stamp, artifact::Provenance provenance) {
  if (context.options.force) return std::nullopt;
  const auto stored = artifact::try_open(path, artifact::bins);
  if (!stored) return std::nullopt;
  provenance.inputs = stored->header.inputs;
  if (artifact::depends_digest(artifact::bins, provenance) != stored->header.depends_digest)
    return std::nullopt;
  if (!h5::has_attribute(stored->file, "/", artifact::source_stamp_attribute)) return std::nullopt;
  if (h5::read_text_attribute(stored->file, "/", artifact::source_stamp_attribute) != stamp)
    return std::nullopt;
  return stored->header.content_digest;
}

/// Stored counts can only be summed to bins that begin and end where theirs do.
void check_resolution(const neural::BinGrid& grid, double stored_bin_ms) {
  if (std::fmod(grid.start_ms, stored_bin_ms) == 0 && std::fmod(grid.bin_ms, stored_bin_ms) == 0) return;
  throw Error(
      ErrorKind::input,
      "its counts come in bins of {} ms; expected bin_ms = {} and the start of time_lims_ms = {} to be "
      "multiples of that. Change these settings",
      stored_bin_ms, grid.bin_ms, grid.start_ms);
}

neural::BinGrid grid_of(const session::Recording& recording, const config::ExtractBins& settings) {
  if (recording.stim_ms() && *recording.stim_ms() != settings.stim_ms) {
    spdlog::warn("{}: says that the stimulus is at {} ms, the setting stim_ms says {} ms, which is used",
                 recording.file().string(), *recording.stim_ms(), settings.stim_ms);
  }
  try {
    const neural::BinGrid grid = neural::make_bin_grid(
        settings.time_lims_ms, settings.bin_ms, settings.stim_ms, static_cast<double>(recording.array_ms()));
    check_resolution(grid, static_cast<double>(recording.resolution_ms()));
    return grid;
  } catch (const Error& error) {
    throw Error(error.kind(), "{}: {}", recording.file().string(), error.what());
  }
}

}  // namespace

run::SessionReport Stage::run(const run::Context& context, const run::SessionFolder& session,
                              const mpi::Group&) {
  const config::ExtractBins& settings = settings_of(context);
  const auto recording =
      session::open_recording(session.source, run::recording_options(context, settings, options_.input));
  run::check_no_output_is(recording->sources(), session);
  for (const std::string& note : recording->notes()) spdlog::warn("{}", note);
  const neural::BinGrid grid = grid_of(*recording, settings);
  artifact::Provenance provenance = context.provenance();
  const std::string stamp = session::source_stamp(*recording);
  run::SessionReport report;
  if (const auto digest = untouched(context, session.bins(), stamp, provenance)) {
    spdlog::info("{} is up to date", session.bins().string());
    report.outputs.push_back({session.bins(), run::OutputState::up_to_date, *digest});
    return report;
  }
  const Extracted extracted = extract(*recording, grid, settings.laser == Laser::input);
  if (!extracted.bins.observed.empty()) spdlog::warn("{}", what_was_observed(*recording, extracted.bins));
  provenance.inputs = {{recording->file().filename().string(), recording->kind(), extracted.digest}};
  if (run::needs_computing(context, session.bins(), artifact::bins, provenance, report)) {
    run::publish(session.bins(), artifact::bins, provenance, report, [&](h5::File& file) {
      artifact::write_bins(file, extracted.bins);
      h5::write_attribute(file, "/", artifact::source_stamp_attribute, stamp);
    });
  } else if (!context.options.dry_run) {
    try {
      artifact::replace_attribute(session.bins(), artifact::source_stamp_attribute, stamp);
    } catch (const Error& error) {
      spdlog::debug("{} The recording will be read again next time.", error.what());
    }
  }
  return report;
}

void Stage::verify_more(const run::Context& context, const run::SessionFolder& session) {
  const config::ExtractBins& settings = settings_of(context);
  const auto recording =
      session::open_recording(session.source, run::recording_options(context, settings, options_.input));
  const artifact::Header bins = artifact::open(session.bins(), artifact::bins).header;
  if (bins.config_text != context.provenance().config_text) {
    spdlog::warn("{} was made with other settings than this run's: its spikes are not compared with {}",
                 session.bins().string(), recording->file().string());
    return;
  }
  const neural::BinGrid grid = grid_of(*recording, settings);
  const std::string digest = extract(*recording, grid, settings.laser == Laser::input).digest;
  if (!bins.made_from(recording->kind(), digest)) {
    throw Error(ErrorKind::input, "{}: its spikes are not those of {} any more. Run extract_bins again.",
                recording->file().string(), session.bins().string());
  }
  spdlog::info("{} holds the spikes that were read", recording->file().string());
}

bool Stage::run_without_session(const run::Context& context) {
  if (options_.simulate.empty()) return false;
  if (context.world.rank() > 0) return true;
  session::SimulationOptions simulation;
  // The seed is no setting of this stage's digest, which covers what is made of a recording.
  simulation.seed = static_cast<std::uint64_t>(context.provenance().seed);
  session::simulate_session(options_.simulate, simulation);
  spdlog::info("simulated session written to {}", options_.simulate.string());
  return true;
}

}  // namespace rnn_rates::extract_bins
