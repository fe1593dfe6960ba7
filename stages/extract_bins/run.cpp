#include "extract_bins/run.hpp"

#include <spdlog/spdlog.h>

#include <cmath>
#include <optional>

#include "artifact/artifact.hpp"
#include "artifact/bins_file.hpp"
#include "artifact/spikes_file.hpp"
#include "core/error.hpp"
#include "extract_bins/extract.hpp"
#include "h5/attribute.hpp"
#include "neural/binning.hpp"
#include "run/places.hpp"
#include "run/recording.hpp"
#include "session/recording.hpp"
#include "session/simulate.hpp"

namespace rnn_rates::extract_bins {
namespace {

namespace fs = std::filesystem;

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
      if (extracted.ms_in_bin) artifact::write_spikes(file, *extracted.ms_in_bin);
      h5::write_attribute(file, "/", artifact::source_stamp_attribute, stamp);
    });
  } else if (!context.options.dry_run) {
    try {
      artifact::replace_source_stamp(session.bins(), stamp);
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
