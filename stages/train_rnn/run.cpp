#include "train_rnn/run.hpp"

#include <spdlog/spdlog.h>

#include <mutex>

#include "artifact/artifact.hpp"
#include "cli/progress.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
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

/// Trains one fit outside `hdf5_mutex`, publishes inside: HDF5 serves one thread at a time.
void train_and_publish(const cli::Context& context, const cli::SessionFolder& session,
                       const artifact::SessionScores& scores, const artifact::FitScores& fit,
                       const artifact::Provenance& provenance, cli::Progress& progress,
                       std::mutex& hdf5_mutex, cli::SessionReport& report) {
  const artifact::FitModel model = [&] {
    try {
      return train_fit(scores, fit, context.config, [&](double train_loss, double validation_loss) {
        progress.add(1, fmt::format("(loss {:.4f}, validation {:.4f})", train_loss, validation_loss));
      });
    } catch (const Error& error) {
      throw Error(error.kind(), "{} {}: {}", session.id, fit.name, error.what());
    }
  }();
  const std::lock_guard lock(hdf5_mutex);
  cli::publish(session.model(fit.name), artifact::model, provenance, report,
               [&](h5::File& file) { artifact::write_model(file, model); });
  log_outcome(session, fit, model);
}

}  // namespace

cli::SessionReport run(cli::Context& context, const cli::SessionFolder& session) {
  const artifact::Opened input = artifact::open(session.pca(), artifact::pca);
  cli::warn_of_other_settings(context, input, artifact::pca);
  artifact::Provenance provenance = context.provenance();
  provenance.inputs = {input.as_input(artifact::pca)};
  const artifact::SessionScores scores = artifact::read_scores(input.file);

  cli::SessionReport report;
  std::vector<const artifact::FitScores*> to_train;
  for (const artifact::FitScores& fit : scores.fits) {
    if (!context.share.next_is_mine()) continue;
    if (cli::needs_computing(context, session.model(fit.name), artifact::model, provenance, report)) {
      to_train.push_back(&fit);
    }
  }
  if (to_train.empty()) return report;
  create_folders(session.models());
  cli::Progress progress(session.id + " training steps",
                         to_train.size() * static_cast<std::uint64_t>(context.config.train.steps),
                         !context.options.quiet);
  std::mutex hdf5_mutex;
  parallel_for(to_train.size(), context.threads(), [&](std::size_t i) {
    train_and_publish(context, session, scores, *to_train[i], provenance, progress, hdf5_mutex, report);
  });
  return report;
}

}  // namespace rnn_rates::train_rnn
