#include "train_rnn/run.hpp"

#include <spdlog/spdlog.h>

#include <mutex>
#include <optional>

#include "artifact/artifact.hpp"
#include "artifact/checkpoint_file.hpp"
#include "cli/progress.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
#include "neural/binning.hpp"
#include "neural/context.hpp"
#include "train_rnn/train_fit.hpp"

namespace rnn_rates::train_rnn {
namespace {

void log_outcome(const cli::SessionFolder& session, const artifact::FitScores& fit,
                 const artifact::FitModel& model) {
  spdlog::info("{} {}: {} steps{}, loss {:.4g} on training trials, {:.4g} on held-out ones", session.id,
               fit.name, model.train_loss.size(), model.stopped_early ? " (stopped early)" : "",
               model.final_train_loss, model.final_validation_loss);
  for (const std::string& warning : model.warnings) spdlog::warn("{} {}: {}", session.id, fit.name, warning);
}

/// One fit that is to be trained.
struct Task {
  const artifact::FitScores* fit;
  std::optional<artifact::FitCheckpoint> checkpoint;  ///< to go on from
};

/// The fit's checkpoint if it belongs to the present settings and inputs.
std::optional<artifact::FitCheckpoint> usable_checkpoint(const cli::Context& context,
                                                         const std::filesystem::path& path,
                                                         const artifact::Provenance& provenance) {
  if (context.options.force || !std::filesystem::exists(path)) return std::nullopt;
  try {
    const artifact::Opened opened = artifact::open(path, artifact::checkpoint);
    if (opened.header.depends_digest == artifact::depends_digest(artifact::checkpoint, provenance)) {
      return artifact::read_checkpoint(opened.file);
    }
    spdlog::info("{} is of other settings or inputs; training starts anew", path.string());
  } catch (const Error& error) {
    spdlog::warn("{} The training starts anew.", error.what());
  }
  return std::nullopt;
}

/// Trains the fits of a session side by side. HDF5 serves one thread at a time, so files are written under a
/// lock.
class SessionTraining {
 public:
  SessionTraining(const cli::Context& context, const cli::SessionFolder& session,
                  const artifact::SessionScores& scores, artifact::Provenance provenance, std::size_t fits,
                  cli::SessionReport& report)
      : context_(context),
        session_(session),
        scores_(scores),
        provenance_(std::move(provenance)),
        engine_(choose_engine(context.config.train)),
        progress_(session.id + " training steps",
                  fits * static_cast<std::uint64_t>(context.config.train.steps), !context.options.quiet),
        report_(report) {}

  void train(const Task& task) {
    const std::string& fit = task.fit->name;
    if (task.checkpoint) {
      spdlog::info("{} {}: goes on after step {}", session_.id, fit, task.checkpoint->step);
      progress_.add(task.checkpoint->step);
    }
    const FitHooks hooks{.after_step =
                             [&](double train_loss, double validation_loss) {
                               progress_.add(1, [&] {
                                 return fmt::format("(loss {:.4f}, validation {:.4f})", train_loss,
                                                    validation_loss);
                               });
                             },
                         .save = [&](const artifact::FitCheckpoint& checkpoint) { save(fit, checkpoint); }};
    try {
      publish(*task.fit, train_fit(scores_, *task.fit, context_.config, engine_, task.checkpoint, hooks));
    } catch (const Error& error) {
      throw Error(error.kind(), "{} {}: {}", session_.id, fit, error.what());
    }
  }

 private:
  void save(const std::string& fit, const artifact::FitCheckpoint& checkpoint) {
    const std::lock_guard lock(hdf5_mutex_);
    artifact::publish(session_.checkpoint(fit), artifact::checkpoint, provenance_,
                      [&](h5::File& file) { artifact::write_checkpoint(file, checkpoint); });
  }

  void publish(const artifact::FitScores& fit, const artifact::FitModel& model) {
    const std::lock_guard lock(hdf5_mutex_);
    cli::publish(session_.model(fit.name), artifact::model, provenance_, report_,
                 [&](h5::File& file) { artifact::write_model(file, model); });
    std::error_code ignored;
    std::filesystem::remove(session_.checkpoint(fit.name), ignored);
    log_outcome(session_, fit, model);
  }

  const cli::Context& context_;
  const cli::SessionFolder& session_;
  const artifact::SessionScores& scores_;
  const artifact::Provenance provenance_;
  const EngineChoice engine_;
  cli::Progress progress_;
  cli::SessionReport& report_;
  std::mutex hdf5_mutex_;
};

}  // namespace

cli::SessionReport run(cli::Context& context, const cli::SessionFolder& session) {
  const artifact::Opened input = artifact::open(session.pca(), artifact::pca);
  cli::warn_of_other_settings(context, input, artifact::pca);
  artifact::Provenance provenance = context.provenance();
  provenance.inputs = {input.as_input(artifact::pca)};
  const artifact::SessionScores scores = artifact::read(input, artifact::pca, artifact::read_scores);

  // A horizon that does not fit is refused before anything is made or trained.
  const neural::BinGrid grid = neural::grid_of_edges(scores.bin_edges_ms, scores.stim_ms);
  neural::forecast_bins(context.config.train.forecast_ms, grid.bin_ms, grid.bins);

  cli::SessionReport report;
  std::vector<Task> tasks;
  for (const artifact::FitScores& fit : scores.fits) {
    if (!context.share.next_is_mine()) continue;
    if (!cli::needs_computing(context, session.model(fit.name), artifact::model, provenance, report))
      continue;
    tasks.push_back({&fit, usable_checkpoint(context, session.checkpoint(fit.name), provenance)});
  }
  if (tasks.empty()) return report;
  create_folders(session.models());
  // Refuses a folder that cannot be written now, not after the training.
  AtomicFile(session.model(tasks.front().fit->name));
  SessionTraining training(context, session, scores, provenance, tasks.size(), report);
  parallel_for(tasks.size(), context.threads(), [&](std::size_t i) { training.train(tasks[i]); });
  return report;
}

}  // namespace rnn_rates::train_rnn
