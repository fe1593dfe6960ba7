#include "infer_write/infer_fits.hpp"

#include <exception>
#include <optional>

#include "artifact/model_file.hpp"
#include "artifact/pca_file.hpp"
#include "core/error.hpp"
#include "core/stop.hpp"
#include "inference/combine.hpp"
#include "inference/evidence.hpp"
#include "inference/few_shot.hpp"
#include "inference/networks.hpp"
#include "inference/rate_errors.hpp"
#include "inference/score.hpp"
#include "inference/unit_gains.hpp"
#include "mpi/share.hpp"
#include "neural/binning.hpp"

namespace rnn_rates::infer_write {
namespace {

using inference::FitData;
using inference::FitRates;
using inference::FitResult;
using inference::Networks;
using inference::Predictions;

/// Once a stop was asked for, keeps what the methods have predicted.
FitResult infer(const FitData& data, const Networks& networks, const std::vector<inference::FitModel>& models,
                const inference::Purpose& purpose, std::size_t threads, const Parts& parts) {
  const std::string name = data.fit.name();
  const Predictions hidden =
      inference::predict(data, networks, purpose, parts.begun(name), threads, stop_token());
  try {
    end_if_stop_requested();
    FitRates rates = inference::network_rates(data, networks, stop_token());
    if (purpose.gains && rates.readout) inference::follow_gains(data, rates);
    std::optional<inference::Combination> combination;
    if (inference::combines(data, networks, purpose)) {
      combination =
          inference::fit_combination(data, rates, hidden, purpose.combine_with, threads, stop_token());
      rates = inference::combine(data, std::move(rates), hidden, *combination);
    }
    inference::add_errors(data, hidden, combination, rates, stop_token());
    FitResult result{.rates = std::move(rates),
                     .table = {},
                     .metrics = {},
                     .verdict = {},
                     .baselines_hz = {},
                     .scope = {}};
    if (purpose.baselines) result.baselines_hz.emplace();
    result.table = inference::score(data, result.rates, hidden, combination);
    result.metrics = inference::score_metrics(data, result.rates, result.table);
    if (const auto score = inference::few_shot(data, networks, stop_token())) {
      for (inference::Metric& metric : inference::metrics_of(*score, name))
        result.metrics.push_back(std::move(metric));
    }
    result.verdict =
        inference::judge(name, inference::gather_evidence(data, result.rates, result.table, models));
    for (const auto& [method, predicted] : hidden.methods) {
      if (purpose.baselines && predicted.rate_hz.size() > 0)
        (*result.baselines_hz)[method] = predicted.rate_hz;
    }
    return result;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::stopped) throw;
    if (!hidden.empty()) parts.keep(name, hidden);
    throw Error(ErrorKind::stopped, "stopped by {}{}: run again to continue", stop_reason(),
                hidden.empty() ? "" : ", checkpoint saved");
  }
}

FitResult infer(const run::Context& context, const config::InferWrite& settings,
                const run::SessionFolder& session, const Sources& sources, const artifact::SessionBins& bins,
                const FitSource& source, const Parts& parts) {
  const FitData data = inference::make_fit_data(
      h5::reading([&] { return artifact::read_reduced_fit(sources.pca.file, source.name); }),
      neural::grid_of_edges(bins.bin_edges_ms, bins.stim_ms), bins.counts, bins.observed);
  std::vector<inference::FitModel> models;
  for (std::size_t i = 0; i < source.networks.size(); ++i) {
    const artifact::Opened model = run::open_model(session, source.networks[i], sources.pca);
    if (model.header.content_digest != source.models[i].digest)
      throw Error(ErrorKind::input, "{}: has changed since this run began. Run again.",
                  model.file.path().string());
    models.push_back(artifact::read(model, artifact::model, artifact::read_model));
  }
  try {
    const Networks networks = inference::make_networks(data, models, settings.weights);
    FitResult result = infer(
        data, networks, models,
        {.combine_with = settings.combine_with, .gains = settings.gains, .baselines = settings.baselines},
        context.threads(), parts);
    result.scope = inference::scope_of(data, networks, bins.counts.size(), bins.unit_regions);
    if (!settings.fill_unobserved) inference::leave_unobserved_open(result, data.observed);
    return result;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::stopped) throw Error(error.kind(), "{}: {}", source.name, error.what());
    if (error.kind() == ErrorKind::output) throw;
    throw Error(error.kind(), "{}: {}", session.model(source.networks.front().name()).string(), error.what());
  }
}

std::vector<mpi::Task> tasks_of(const Sources& sources) {
  std::vector<mpi::Task> tasks;
  for (std::size_t fit = 0; fit < sources.fits.size(); ++fit)
    tasks.push_back({std::to_string(fit), sources.fits[fit].cost});
  return tasks;
}

}  // namespace

void infer_fits(const run::Context& context, const config::InferWrite& settings,
                const run::SessionFolder& session, const Sources& sources, const artifact::SessionBins& bins,
                const mpi::Group& group, const Parts& parts) {
  std::exception_ptr failure;
  std::size_t ended = 0;  // On rank 0.
  const mpi::Sharing sharing{.threads = 1,
                             .work = [&](const std::string& task) -> std::string {
                               const FitSource& fit = sources.fits[std::stoul(task)];
                               if (failure) return "";
                               try {
                                 if (!parts.is_finished(fit.name))
                                   parts.finish(infer(context, settings, session, sources, bins, fit, parts));
                               } catch (...) {
                                 failure = std::current_exception();
                               }
                               return "";
                             },
                             .on_result = [&](std::size_t, int, const std::string&) { ++ended; }};
  mpi::share_tasks(group, tasks_of(sources), sharing);
  group.on_all([&] {
    if (failure) std::rethrow_exception(failure);
    // A stop may come before a rank has begun.
    if (group.rank() == 0 && ended < sources.fits.size())
      throw Error(ErrorKind::stopped, "stopped by {}: run again to continue", stop_reason());
  });
}

}  // namespace rnn_rates::infer_write
