#include "infer_write/run.hpp"

#include <spdlog/spdlog.h>

#include <map>
#include <optional>

#include "artifact/artifact.hpp"
#include "artifact/bins_file.hpp"
#include "artifact/knowledge_file.hpp"
#include "artifact/pca_file.hpp"
#include "artifact/rates_file.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/folder_lock.hpp"
#include "infer_write/infer_fits.hpp"
#include "infer_write/publish_into_session.hpp"
#include "nwb/recording.hpp"
#include "nwb/write_rates.hpp"
#include "run/places.hpp"
#include "run/recording.hpp"
#include "session/recording.hpp"

namespace rnn_rates::infer_write {
namespace {

Sources open_sources(const run::Context& context, const run::SessionFolder& session,
                     const mpi::Group& group) {
  Sources sources{
      artifact::open(session.bins(), artifact::bins), artifact::open(session.pca(), artifact::pca), {}};
  for (const artifact::FitOutline& fit : artifact::read_outline(sources.pca.file).fits) {
    FitSource& source = sources.fits.emplace_back(
        FitSource{.name = fit.name,
                  .units = fit.units,
                  .joint_tastes = fit.taste.starts_with("all"),
                  .cost = static_cast<double>(fit.trials * fit.units),
                  .networks = artifact::networks_of(session.id, fit.name, fit.folds),
                  .models = {}});
    for (const artifact::Subject& network : source.networks) {
      const artifact::Opened model = run::open_model(session, network, sources.pca);
      if (source.models.empty() && group.rank() == 0)
        run::warn_of_other_settings(context, model, artifact::model);
      source.models.push_back(model.as_input(artifact::model));
    }
  }
  artifact::check_made_from(sources.pca, artifact::pca, sources.bins.as_input(artifact::bins));
  return sources;
}

artifact::Provenance provenance_of(const run::Context& context, const Sources& sources) {
  artifact::Provenance provenance = context.provenance();
  provenance.inputs = {sources.bins.as_input(artifact::bins), sources.pca.as_input(artifact::pca)};
  for (const FitSource& fit : sources.fits)
    provenance.inputs.insert(provenance.inputs.end(), fit.models.begin(), fit.models.end());
  return provenance;
}

bool is_nwb(const run::Context& context, const std::filesystem::path& session_file) {
  return h5::reading(
      [&] { return nwb::is_nwb(h5::File::open_read(session_file, run::reach(context.options))); });
}

/// Rates that another program has put there, or changed, are replaced only when asked for.
void check_may_be_replaced(const std::filesystem::path& session_file, const Present& present, bool force) {
  if (!present.there || !present.content_digest.empty()) return;
  if (!force) {
    throw Error(ErrorKind::input,
                "{}: has an /rnn_output already, which another program made. Rename that, or replace it with "
                "infer_write --publish --force.",
                session_file.string());
  }
  spdlog::warn("{}: its /rnn_output, which another program made, is replaced", session_file.string());
}

void publish(const run::Context& context, const run::SessionFolder& session, const Options& options,
             const artifact::Opened& bins, run::SessionReport& report) {
  const auto session_file = session::session_file(session.source, options.input);
  if (is_nwb(context, session_file)) {
    throw Error(ErrorKind::usage, "{}: --publish is for blech_clust's files. Use --nwb to get rates as NWB.",
                session_file.string());
  }
  if (!context.options.dry_run) remove_leftovers_of(std::filesystem::canonical(session_file));
  const Present present =
      h5::reading([&] { return present_output(session_file, run::reach(context.options)); });
  check_may_be_replaced(session_file, present, context.options.force);
  const bool rates_there = report.outputs.front().state != run::OutputState::to_do;
  if (rates_there && !context.options.force) {
    const artifact::Opened rates = artifact::open(session.rates(), artifact::rates);
    if (present.content_digest == rates.header.content_digest) {
      spdlog::info("{} has these rates already", session_file.string());
      report.outputs.push_back({session_file, run::OutputState::up_to_date, rates.header.content_digest});
      return;
    }
  }
  if (context.options.dry_run) {
    spdlog::info("{} would get /rnn_output", session_file.string());
    report.outputs.push_back({session_file, run::OutputState::to_do});
    return;
  }
  const artifact::Opened rates = artifact::open(session.rates(), artifact::rates);
  artifact::read(rates, artifact::rates, [](const h5::File&) {});
  check_recording(context, session, options.input, bins);
  publish_into_session(session_file, rates, [&] { FolderLock::check_held_for(session.rates()); });
  spdlog::info("rates published in {} as /rnn_output", session_file.string());
  report.outputs.push_back({session_file, run::OutputState::computed, rates.header.content_digest});
}

/// The session as bins tell it; an NWB recording also tells who was recorded, and when.
nwb::RatesSession nwb_session(const run::Context& context, const run::SessionFolder& session,
                              const Options& options, const artifact::SessionBins& bins) {
  nwb::RatesSession told{.id = session.id,
                         .window_start_s = (bins.bin_edges_ms.front() - bins.stim_ms) / 1000,
                         .window_end_s = (bins.bin_edges_ms.back() - bins.stim_ms) / 1000,
                         .unit_regions = bins.unit_regions};
  for (const auto& [name, column] : bins.trial_columns) {
    if (name != "taste") add_column(told.trial_columns, name == "row" ? "trial_row" : name, column);
  }
  const std::filesystem::path recording = session::session_file(session.source, options.input);
  if (is_nwb(context, recording)) told.source = recording;
  auto time = bins.trial_time_s.begin();
  for (std::size_t taste = 0; taste < bins.counts.size(); ++taste) {
    const std::size_t trials = bins.counts[taste].extent(0);
    const auto end = time + (bins.trial_time_s.empty() ? 0 : static_cast<std::ptrdiff_t>(trials));
    told.conditions.push_back({bins.taste_names[taste], trials, {time, end}});
    time = end;
  }
  return told;
}

void write_nwb_file(const run::Context& context, const run::SessionFolder& session, const Options& options,
                    const Sources& sources, run::SessionReport& report) {
  const std::filesystem::path path = session.rates_nwb();
  if (context.options.dry_run) {
    spdlog::info("{} would be written", path.string());
    report.outputs.push_back({path, run::OutputState::to_do});
    return;
  }
  const artifact::Opened rates = artifact::open(session.rates(), artifact::rates);
  const std::string& digest = rates.header.content_digest;
  if (nwb::holds_rates(path, digest) && !context.options.force) {
    spdlog::info("{} is up to date", path.string());
    report.outputs.push_back({path, run::OutputState::up_to_date, digest});
    return;
  }
  const artifact::SessionBins bins = artifact::read(sources.bins, artifact::bins, artifact::read_bins);
  const auto fits = artifact::read(rates, artifact::rates, artifact::read_rates);
  std::vector<nwb::RateSeries> series;
  series.reserve(fits.size());
  for (const inference::FitRates& fit : fits) {
    const auto knowledge = [&](const std::string& dataset) {
      const auto known =
          artifact::read_knowledge(rates.file, "/rnn_output/regions/" + fit.name() + "/" + dataset);
      return known ? inference::described(*known) : "";
    };
    series.push_back({fit.name(), fit.units, fit.trial_taste, fit.time_ms, fit.rate_hz, fit.latents,
                      knowledge("rate_hz"), knowledge("latent_out")});
  }
  nwb::write_rates(path, nwb_session(context, session, options, bins), series, digest);
  spdlog::info("{} written", path.string());
  report.outputs.push_back({path, run::OutputState::computed, digest});
}

}  // namespace

void Stage::check_sessions(const run::Context& context) {
  if (!options_.publish) return;
  std::map<std::filesystem::path, std::string> seen;
  for (const run::SessionFolder& session : *context.sessions) {
    std::filesystem::path recording;
    try {
      recording = std::filesystem::canonical(session::session_file(session.source, options_.input));
    } catch (const std::exception&) {
      continue;  // Reported when it is this session's turn.
    }
    const auto [at, fresh] = seen.emplace(recording, session.id);
    if (fresh) continue;
    throw Error(ErrorKind::usage,
                "the sessions '{}' and '{}' are of one recording, {}, which has room for the rates of one. "
                "Publish them one by one, or read them in their rates.h5.",
                at->second, session.id, recording.string());
  }
}

run::SessionReport Stage::run(const run::Context& context, const run::SessionFolder& session,
                              const mpi::Group& group) {
  std::optional<Sources> sources;
  artifact::Provenance provenance;
  run::SessionReport report;
  bool to_do = false;
  group.on_all([&] {
    // What lies in the session's folder is looked at with the lock, this may lie anywhere.
    if (!options_.input.empty())
      run::check_no_output_is({session::session_file(session.source, options_.input)}, session);
    sources = open_sources(context, session, group);
    provenance = provenance_of(context, *sources);
    // Single numbers are covered by HDF5's own checksums; all of an old file need not be read for them.
    const auto take_scores = [&](const artifact::Opened& rates) {
      report.scores = h5::reading([&] { return artifact::read_scores(rates.file); });
    };
    // Baselines are added to rates that have none, and stay where they are not asked for.
    const auto is_enough = [&](const artifact::Opened& rates) {
      return !settings_of(context).baselines || artifact::has_baselines(rates.file);
    };
    to_do = group.rank() == 0 && run::needs_computing(context, session.rates(), artifact::rates, provenance,
                                                      report, take_scores, is_enough);
  });
  if (group.max(to_do ? 1 : 0) == 1)
    infer_session(context, settings_of(context), session, *sources, provenance, group, report);
  group.on_all([&] {
    if (group.rank() > 0) return;
    if (!context.options.dry_run) remove_parts(session);
    if (options_.publish) publish(context, session, options_, sources->bins, report);
    if (options_.nwb) write_nwb_file(context, session, options_, *sources, report);
  });
  return report;
}

void Stage::verify_more(const run::Context& context, const run::SessionFolder& session) {
  std::error_code failure;
  const std::filesystem::path copy = session.rates_nwb();
  if (std::filesystem::exists(copy, failure)) {
    nwb::verify_rates(copy);
    spdlog::info("{} is whole", copy.string());
  }
  std::filesystem::path session_file;
  try {
    session_file = session::session_file(session.source, options_.input);
  } catch (const Error&) {
    return;  // Only --publish needs the recording.
  }
  if (is_nwb(context, session_file)) return;
  const artifact::Opened rates = artifact::open(session.rates(), artifact::rates);
  const h5::Reach reach = run::reach(context.options);
  const Present present = h5::reading([&] { return present_output(session_file, reach); });
  if (present.content_digest != rates.header.content_digest) return;
  h5::reading([&] { verify_published(session_file, rates, reach); });
  spdlog::info("{} holds these rates", session_file.string());
}

}  // namespace rnn_rates::infer_write
