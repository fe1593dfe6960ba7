#include "infer_write/infer_session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "artifact/bins_file.hpp"
#include "artifact/model_file.hpp"
#include "artifact/pca_file.hpp"
#include "core/error.hpp"
#include "core/stop.hpp"
#include "infer_write/broadcast_rates.hpp"
#include "infer_write/evaluate.hpp"
#include "infer_write/infer_fit.hpp"
#include "infer_write/methods.hpp"
#include "infer_write/progress.hpp"
#include "infer_write/score.hpp"

namespace rnn_rates::infer_write {
namespace {

void log_metrics(const run::SessionFolder& session, const std::vector<artifact::Metric>& metrics) {
  std::map<std::string, std::string> lines;
  for (const artifact::Metric& metric : metrics) {
    std::string& line = lines[metric.fit];
    line += fmt::format("{}{} {:.3f}", line.empty() ? "" : ", ", metric.name, metric.value);
  }
  for (const auto& [fit, line] : lines) spdlog::info("{} {}: {}", session.id, fit, line);
}

/// The methods ranked by how well they predict spikes that they did not see.
void log_table(const run::SessionFolder& session, const artifact::ScoreTable& table) {
  for (std::size_t i = 0; i < table.methods.size(); ++i) {
    const artifact::MethodScore& method = table.methods[i];
    const std::string co_smoothing = std::isnan(method.co_bits_per_spike)
                                         ? ""
                                         : fmt::format(", co-smoothing {:.3f}", method.co_bits_per_spike);
    spdlog::info("{} {}: {}. {:<14} {:>7.3f} bits per held-out spike{}", session.id, table.fit, i + 1,
                 method.name, method.bits_per_spike, co_smoothing);
  }
  const auto has = [&](std::string_view name) {
    return std::any_of(table.methods.begin(), table.methods.end(),
                       [&](const artifact::MethodScore& method) { return method.name == name; });
  };
  if (has("boxcar_250ms") && !has("gpfa")) {
    spdlog::info("{} {}: without GPFA, which needs two trials and is fitted to windows of {} bins at most",
                 session.id, table.fit, most_gpfa_bins);
  }
}

/// What is said of one fit.
struct Inferred {
  artifact::FitRates rates;
  artifact::ScoreTable table;
};

/// Fits under way, each with its checkpoint.
class Checkpoints {
 public:
  Checkpoints(const run::Context& context, const run::SessionFolder& session,
              const artifact::Provenance& provenance)
      : context_(context), session_(session), provenance_(provenance) {}

  /// What an earlier run has left of a fit.
  FitProgress& of(const std::string& fit) {
    FitProgress& progress = fits_[fit];
    const auto path = session_.rates_checkpoint(fit);
    run::use_checkpoint(context_, path, artifact::rates_checkpoint, provenance_,
                        [&](const artifact::Opened& opened) {
                          progress = artifact::read(opened, artifact::rates_checkpoint, read_progress);
                          spdlog::info("{} {}: goes on from {}", session_.id, fit, path.string());
                        });
    return progress;
  }
  void save() const {
    for (const auto& fit : fits_) {
      if (fit.second.empty()) continue;
      artifact::publish(session_.rates_checkpoint(fit.first), artifact::rates_checkpoint, provenance_,
                        [&](h5::File& file) { write_progress(file, fit.second); });
    }
  }
  void remove() const {
    std::error_code ignored;
    for (const auto& [fit, progress] : fits_)
      std::filesystem::remove(session_.rates_checkpoint(fit), ignored);
  }

 private:
  const run::Context& context_;
  const run::SessionFolder& session_;
  const artifact::Provenance& provenance_;
  std::map<std::string, FitProgress> fits_;
};

/// This rank's fits: every size-th. The others' are empty.
std::vector<Inferred> infer_own(const run::Context& context, const Inputs& inputs,
                                const artifact::SessionBins& bins, const mpi::Group& group,
                                Checkpoints& checkpoints) {
  const artifact::SessionScores scores = artifact::read(inputs.pca, artifact::pca, artifact::read_scores);
  std::vector<Inferred> all(scores.fits.size());
  for (auto i = static_cast<std::size_t>(group.rank()); i < all.size();
       i += static_cast<std::size_t>(group.size())) {
    const artifact::FitScores& fit = scores.fits[i];
    std::vector<artifact::FitModel> models;
    for (const artifact::Opened& model : inputs.models[i])
      models.push_back(artifact::read(model, artifact::model, artifact::read_model));
    try {
      FitProgress& progress = checkpoints.of(fit.name);
      all[i].rates = infer_fit(bins, scores, fit, models, context.config.train.weights);
      all[i].table = evaluate(bins, fit, models, context.config, context.threads(), progress, all[i].rates);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::stopped) {
        throw Error(ErrorKind::stopped, "{}: stopped by {}, checkpoint saved: run again to go on", fit.name,
                    stop_reason());
      }
      throw Error(error.kind(), "{}: {}", inputs.models[i].front().file.path().string(), error.what());
    }
  }
  return all;
}

}  // namespace

void infer_session(const run::Context& context, const run::SessionFolder& session, const Inputs& inputs,
                   const artifact::Provenance& provenance, const mpi::Group& group,
                   run::SessionReport& report) {
  artifact::SessionBins bins;
  std::vector<Inferred> inferred;
  Checkpoints checkpoints(context, session, provenance);
  try {
    group.on_all([&] {
      bins = artifact::read(inputs.bins, artifact::bins, artifact::read_bins);
      inferred = infer_own(context, inputs, bins, group, checkpoints);
    });
  } catch (const Error& error) {
    // A stop is thrown on all ranks or on none.
    if (error.kind() == ErrorKind::stopped) group.on_all([&] { checkpoints.save(); });
    throw;
  }
  for (std::size_t i = 0; i < inferred.size(); ++i) {
    const int owner = static_cast<int>(i % static_cast<std::size_t>(group.size()));
    broadcast(inferred[i].rates, owner, group);
    broadcast(inferred[i].table, owner, group);
  }
  std::vector<artifact::FitRates> rates;
  std::vector<artifact::ScoreTable> tables;
  std::vector<artifact::Metric> metrics;
  group.on_all([&] {
    for (Inferred& one : inferred) {
      rates.push_back(std::move(one.rates));
      tables.push_back(std::move(one.table));
    }
    metrics = score(bins, rates);
  });
  if (group.size() == 1) {
    run::publish(session.rates(), artifact::rates, provenance, report,
                 [&](h5::File& file) { artifact::write_rates(file, rates, metrics, tables); });
  } else {
    const artifact::JointWriting writing{
        .outline = [&](h5::File& file) { artifact::write_rates_outline(file, rates, metrics, tables); },
        .bytes = artifact::large_bytes(rates),
        .values = [&](h5::File& file) { artifact::write_rates_part(file, rates, group); }};
    report.outputs.push_back(
        {session.rates(), run::OutputState::computed,
         artifact::publish_together(session.rates(), artifact::rates, provenance, group, writing)});
    spdlog::info("{} written by {} ranks", session.rates().string(), group.size());
  }
  group.on_all([&] {
    checkpoints.remove();
    report.metrics = metrics;
    log_metrics(session, metrics);
    for (const artifact::ScoreTable& table : tables) log_table(session, table);
  });
}

}  // namespace rnn_rates::infer_write
