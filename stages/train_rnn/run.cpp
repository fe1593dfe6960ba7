#include "train_rnn/run.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "artifact/artifact.hpp"
#include "artifact/checkpoint_file.hpp"
#include "artifact/pca_file.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/stop.hpp"
#include "inference/tuning.hpp"
#include "neural/binning.hpp"
#include "neural/context.hpp"
#include "rnn/fused/fused_engine.hpp"
#include "run/progress.hpp"
#include "train_rnn/cost.hpp"
#include "train_rnn/train_fit.hpp"

namespace rnn_rates::train_rnn {
namespace {

void log_outcome(const run::SessionFolder& session, const std::string& name,
                 const inference::FitModel& model) {
  spdlog::info("{} {}: {} steps{}, loss {:.4g} on training trials, {:.4g} on held-out ones", session.id, name,
               model.train_loss.size(), model.stopped_early ? " (stopped early)" : "", model.final_train_loss,
               model.final_validation_loss);
  for (const std::string& warning : model.warnings) spdlog::warn("{} {}: {}", session.id, name, warning);
}

Network network_called(const OpenSession& session, const std::string& name) {
  for (const inference::FitData& data : session.fits) {
    const auto networks = artifact::networks_of("", data.fit.name(), data.fit.folds.count());
    const auto found = std::find_if(networks.begin(), networks.end(),
                                    [&](const artifact::Subject& network) { return network.name() == name; });
    if (found != networks.end()) return {&data, found->fold};
  }
  throw Error(ErrorKind::input, "pca.h5 has no fit {} any more: it has changed since. Run again.", name);
}

/// Of the model and the checkpoint of a network.
artifact::Provenance provenance_of(const OpenSession& open, const std::string& session,
                                   const Network& network) {
  artifact::Provenance provenance = open.provenance;
  provenance.subject = artifact::Subject{session, network.data->fit.name(), network.fold};
  return provenance;
}

/// One network under training. Files are read and written under the lock that HDF5 needs.
struct FitTraining {
  const run::Context& context;
  const config::TrainRnn& settings;
  const run::SessionFolder& session;
  const Network network;
  const artifact::Provenance provenance;
  const std::string& name;
  const bool is_trial;
  const std::optional<inference::TunedSettings> tuned;  ///< where tuning chose the settings
  std::mutex& hdf5_mutex;
  std::optional<artifact::FitCheckpoint> checkpoint = {};
  run::SessionReport report = {};

  run::SessionReport run() {
    if (!begin()) return std::move(report);
    const FitHooks hooks{.after_step = [this](double loss, double validation) { count(loss, validation); },
                         .save = [this](const auto& now) { save(now); }};
    config::Execution execution = context.settings.execution();
    execution.device = device_of_rank(execution, context.node_rank);
    try {
      const EngineChoice engine = engine_of(execution);
      const Problem problem = make_problem(network, settings, engine);
      publish(train_fit(problem, settings, execution.checkpoint_every_s, checkpoint, hooks));
    } catch (const Error& error) {
      throw Error(error.kind(), "{} {}: {}", session.id, name, error.what());
    }
    return std::move(report);
  }

  EngineChoice engine_of(const config::Execution& execution) const {
    EngineChoice chosen = choose_engine(execution);
    if (!checkpoint) return chosen;
    EngineChoice engine = engine_to_continue(*checkpoint, chosen, execution.isa, rnn::usable_isas());
    if (engine.isa != chosen.isa)
      spdlog::info("{} {}: continues on {}, where it began, instead of {}", session.id, name, engine.isa,
                   chosen.isa);
    return engine;
  }

  /// False where another run has trained it meanwhile.
  bool begin() {
    const std::lock_guard lock(hdf5_mutex);
    const auto path = session.model(name);
    const artifact::Kind& kind = is_trial ? artifact::trial : artifact::model;
    if (!run::needs_computing(context, path, kind, provenance, report)) return false;
    // Refuses a folder that cannot be written now, not after the training.
    const AtomicFile writable(path);
    run::use_checkpoint(
        context, session.checkpoint(name), artifact::checkpoint, provenance,
        [&](const artifact::Opened& opened) { checkpoint = artifact::read_checkpoint(opened.file); });
    if (checkpoint) {
      spdlog::info("{} {}: goes on after step {}", session.id, name, checkpoint->progress.current.step);
      context.progress->add(checkpoint->progress.current.step);
    }
    return true;
  }

  void count(double train_loss, double validation_loss) {
    context.progress->add(
        1, [&] { return fmt::format("(loss {:.4f}, validation {:.4f})", train_loss, validation_loss); });
  }

  void save(const artifact::FitCheckpoint& now) {
    const std::lock_guard lock(hdf5_mutex);
    artifact::publish(session.checkpoint(name), artifact::checkpoint, provenance,
                      [&](h5::File& file) { artifact::write_checkpoint(file, now); });
  }

  void publish(inference::FitModel model) {
    if (is_trial) return publish_trial(model);
    model.tuned = tuned;
    const std::lock_guard lock(hdf5_mutex);
    run::publish(session.model(name), artifact::model, provenance, report,
                 [&](h5::File& file) { artifact::write_model(file, model); });
    remove_checkpoint();
    log_outcome(session, name, model);
  }

  void publish_trial(const inference::FitModel& model) {
    const inference::Runs runs =
        inference::held_out_information(*network.data, model, network.fold, stop_token());
    const std::lock_guard lock(hdf5_mutex);
    artifact::publish(session.model(name), artifact::trial, provenance,
                      [&](h5::File& file) { artifact::write_trial(file, runs); });
    remove_checkpoint();
    spdlog::info("{} {}: {:.4f} bits per hidden spike with {}", session.id, name,
                 neural::bits_per_spike(runs), description(settings));
  }

  void remove_checkpoint() const {
    std::error_code ignored;
    std::filesystem::remove(session.checkpoint(name), ignored);
  }
};

bool to_do(const run::Context& context, const std::filesystem::path& model,
           const artifact::Provenance& provenance, run::SessionReport& report) {
  try {
    return run::look_at(context, model, artifact::model, provenance, report) == run::OutputState::to_do;
  } catch (const Error&) {
    // With --keep-going only this fit fails, when it is its turn.
    if (!context.options.keep_going || context.options.dry_run) throw;
    return true;
  }
}

/// Adds the trials of a rung that are to do.
void plan_trials(const run::Context& context, const run::SessionFolder& session,
                 const artifact::SessionOutline& outline, const config::TrainRnn& settings,
                 const Tuning& tuning, const artifact::Provenance& of_session, std::size_t rung,
                 run::Plan& plan) {
  // In a dry run, trials to do leave open who would go on: as many as will, whoever they are.
  std::vector<std::size_t> candidates(tuning.rungs()[rung].candidates);
  std::iota(candidates.begin(), candidates.end(), std::size_t{0});
  if (!context.options.dry_run || plan.parts.empty()) candidates = tuning.candidates(rung);
  for (const artifact::FitOutline& fit : outline.fits) {
    const std::uint32_t steps = steps_of(settings.train, fit.trials, fit.bins, fit.chop);
    for (const artifact::Subject& network : artifact::networks_of(session.id, fit.name, fit.folds)) {
      for (const std::size_t candidate : candidates) {
        const Trial trial{candidate, rung};
        const std::string name = name_of(network.name(), trial);
        const config::TrainRnn tried = tuning.settings_of(trial, steps);
        const auto provenance = Tuning::provenance(of_session, network, tried);
        if (!artifact::open_up_to_date(session.model(name), artifact::trial, provenance,
                                       context.options.force))
          plan.parts.push_back(expected_cost(name, fit, tried, context.settings.execution()));
      }
    }
  }
}

/// Puts times of this machine in place of those of the machine that the constants of cost.cpp are from.
void calibrate(run::Plan& plan, NetworkKind network) {
  if (plan.parts.empty()) return;
  static std::map<NetworkKind, double> ratios;
  const auto [at, fresh] = ratios.try_emplace(network, 0.0);
  if (fresh) at->second = step_time_ratio(network);
  for (run::Part& part : plan.parts) part.cost_s *= at->second;
  plan.cost_basis = fmt::format(
      "by training steps timed on this machine now: {:.2f} times as long as where the estimate was made",
      at->second);
}

}  // namespace

run::Plan Stage::plan(const run::Context& context, const run::SessionFolder& session, std::size_t round) {
  const config::TrainRnn& settings = settings_of(context);
  const artifact::Opened input = artifact::open(session.pca(), artifact::pca);
  run::warn_of_other_settings(context, input, artifact::pca);
  artifact::Provenance provenance = context.provenance();
  provenance.inputs = {input.as_input(artifact::pca)};
  const artifact::SessionOutline outline = h5::reading([&] { return artifact::read_outline(input.file); });

  // A horizon that does not fit is refused before anything is made or trained.
  if (settings.model.kind == NetworkKind::autoencoder) {
    const neural::BinGrid grid = neural::grid_of_edges(outline.bin_edges_ms, outline.stim_ms);
    neural::forecast_bins(settings.train.forecast_ms, grid.bin_ms, grid.bins);
  }

  const Tuning tuning(context, settings, session, trials_);
  run::Plan plan;
  if (context.options.dry_run) {
    for (std::size_t rung = 0; rung < tuning.rungs().size(); ++rung)
      plan_trials(context, session, outline, settings, tuning, provenance, rung, plan);
  } else if (round < tuning.rungs().size()) {
    plan_trials(context, session, outline, settings, tuning, provenance, round, plan);
    plan.goes_on = true;
    return plan;
  }
  config::TrainRnn chosen = settings;
  if (!tuning.rungs().empty() && !(context.options.dry_run && !plan.parts.empty()))
    chosen = tuning.chosen(provenance).settings;
  for (const artifact::FitOutline& fit : outline.fits) {
    for (const artifact::Subject& network : artifact::networks_of(session.id, fit.name, fit.folds)) {
      const std::string name = network.name();
      provenance.subject = network;
      if (to_do(context, session.model(name), provenance, plan.report))
        plan.parts.push_back(expected_cost(name, fit, chosen, context.settings.execution()));
    }
  }
  if (context.options.dry_run) calibrate(plan, settings.model.kind);
  return plan;
}

run::SessionReport Stage::run(const run::Context& context, const run::SessionFolder& session,
                              const std::string& name) {
  const config::TrainRnn& settings = settings_of(context);
  const OpenSessions::Use open = sessions_.use(context, settings.model.kind, session);
  const Tuning tuning(context, settings, session, trials_);
  const auto trial = tuning.rungs().empty() ? std::nullopt : trial_called(name);
  const Network network = network_called(*open, trial ? trial->first : name);
  artifact::Provenance provenance = provenance_of(*open, session.id, network);
  config::TrainRnn trained = settings;
  std::optional<inference::TunedSettings> tuned;
  if (trial) {
    const inference::ReducedFit& fit = network.data->fit;
    trained = tuning.settings_of(
        trial->second, steps_of(settings.train, fit.trial_taste.size(), network.data->grid.bins, fit.chop));
    provenance = Tuning::provenance(provenance, *provenance.subject, trained);
  } else if (!tuning.rungs().empty()) {
    auto chosen = tuning.chosen(provenance);
    trained = chosen.settings;
    tuned = std::move(chosen.outcome);
  }
  return FitTraining{context, trained,           session, network,    provenance,
                     name,    trial.has_value(), tuned,   hdf5_mutex_}
      .run();
}

}  // namespace rnn_rates::train_rnn
