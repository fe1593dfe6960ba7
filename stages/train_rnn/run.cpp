#include "train_rnn/run.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <optional>

#include "artifact/artifact.hpp"
#include "artifact/checkpoint_file.hpp"
#include "artifact/pca_file.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
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
    if (!run::needs_computing(context, path, artifact::model, provenance, report)) return false;
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

  void publish(const inference::FitModel& model) {
    const std::lock_guard lock(hdf5_mutex);
    run::publish(session.model(name), artifact::model, provenance, report,
                 [&](h5::File& file) { artifact::write_model(file, model); });
    std::error_code ignored;
    std::filesystem::remove(session.checkpoint(name), ignored);
    log_outcome(session, name, model);
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

run::Plan Stage::plan(const run::Context& context, const run::SessionFolder& session) {
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

  run::Plan plan;
  for (const artifact::FitOutline& fit : outline.fits) {
    for (const artifact::Subject& network : artifact::networks_of(session.id, fit.name, fit.folds)) {
      const std::string name = network.name();
      provenance.subject = network;
      if (to_do(context, session.model(name), provenance, plan.report))
        plan.parts.push_back(expected_cost(name, fit, settings, context.settings.execution()));
    }
  }
  if (context.options.dry_run) calibrate(plan, settings.model.kind);
  return plan;
}

run::SessionReport Stage::run(const run::Context& context, const run::SessionFolder& session,
                              const std::string& name) {
  const config::TrainRnn& settings = settings_of(context);
  const OpenSessions::Use open = sessions_.use(context, settings.model.kind, session);
  const Network network = network_called(*open, name);
  return FitTraining{context, settings,   session, network, provenance_of(*open, session.id, network),
                     name,    hdf5_mutex_}
      .run();
}

}  // namespace rnn_rates::train_rnn
