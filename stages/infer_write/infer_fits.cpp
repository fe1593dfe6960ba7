#include "infer_write/infer_fits.hpp"

#include <algorithm>
#include <exception>
#include <optional>

#include "artifact/model_file.hpp"
#include "artifact/pca_file.hpp"
#include "artifact/rates_file.hpp"
#include "core/error.hpp"
#include "core/stop.hpp"
#include "inference/combine.hpp"
#include "inference/networks.hpp"
#include "inference/score.hpp"
#include "mpi/share.hpp"
#include "neural/binning.hpp"

namespace rnn_rates::infer_write {
namespace {

using inference::FitData;
using inference::FitRates;
using inference::FitResult;
using inference::Networks;
using inference::Predictions;

/// The fit's rates and scores. What the methods have predicted is kept for a stop.
FitResult infer(const FitData& data, const Networks& networks, const inference::Purpose& purpose,
                std::size_t threads, Checkpoints& checkpoints) {
  const std::string name = data.fit.name();
  Predictions hidden =
      inference::predict(data, networks, purpose, checkpoints.begin(name), threads, stop_token());
  const auto keep = [&] { checkpoints.keep(name, std::move(hidden)); };
  try {
    end_if_stop_requested();
    FitRates rates = inference::network_rates(data, networks, stop_token());
    std::optional<inference::Combination> combination;
    if (inference::combines(data, networks, purpose)) {
      combination = inference::fit_combination(data, hidden, threads, stop_token());
      rates = inference::combine(data, std::move(rates), hidden, *combination);
    }
    FitResult result{.rates = std::move(rates), .table = {}, .metrics = {}, .baselines_hz = {}};
    result.table = inference::score(data, result.rates, hidden, combination, purpose);
    result.metrics = inference::rate_metrics(data, result.rates);
    for (const auto& [method, predicted] : hidden.methods) {
      if (purpose.baselines && predicted.rate_hz.size() > 0) result.baselines_hz[method] = predicted.rate_hz;
    }
    keep();
    return result;
  } catch (...) {
    keep();
    throw;
  }
}

FitResult infer(const run::Context& context, const config::InferWrite& settings, const Sources& sources,
                const artifact::SessionBins& bins, const FitSource& source, Checkpoints& checkpoints) {
  const FitData data = inference::make_fit_data(
      h5::reading([&] { return artifact::read_reduced_fit(sources.pca.file, source.name); }),
      neural::grid_of_edges(bins.bin_edges_ms, bins.stim_ms), bins.counts, bins.observed);
  std::vector<inference::FitModel> models;
  for (const artifact::Opened& model : source.models)
    models.push_back(artifact::read(model, artifact::model, artifact::read_model));
  try {
    FitResult result =
        infer(data, inference::make_networks(data, models, settings.weights),
              {.combine = settings.combine, .baselines = settings.baselines}, context.threads(), checkpoints);
    if (!settings.fill_unobserved) inference::leave_unobserved_open(result, data.observed);
    return result;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::stopped) {
      throw Error(ErrorKind::stopped, "{}: stopped by {}", source.name, stop_reason());
    }
    throw Error(error.kind(), "{}: {}", source.models.front().file.path().string(), error.what());
  }
}

std::vector<mpi::Task> tasks_of(const Sources& sources) {
  std::vector<mpi::Task> tasks;
  for (std::size_t fit = 0; fit < sources.fits.size(); ++fit)
    tasks.push_back({std::to_string(fit), sources.fits[fit].cost});
  return tasks;
}

}  // namespace

Inferred infer_fits(const run::Context& context, const config::InferWrite& settings, const Sources& sources,
                    const artifact::SessionBins& bins, const mpi::Group& group, Checkpoints& checkpoints) {
  constexpr int nobody = -1;
  Inferred inferred{.own = {},
                    .owners = std::vector<int>(sources.fits.size(), nobody),
                    .outlines = std::vector<std::string>(sources.fits.size())};
  std::exception_ptr failure;
  const mpi::Sharing sharing{
      .threads = 1,
      .work = [&](const std::string& task) -> std::string {
        const FitSource& fit = sources.fits[std::stoul(task)];
        if (failure) return "";
        try {
          const FitResult& result =
              inferred.own.emplace(fit.name, infer(context, settings, sources, bins, fit, checkpoints))
                  .first->second;
          return group.size() == 1 ? "" : artifact::fit_outline(result);
        } catch (...) {
          failure = std::current_exception();
          return "";
        }
      },
      .on_result =
          [&](std::size_t fit, int rank, const std::string& outline) {
            inferred.owners[fit] = rank;
            inferred.outlines[fit] = outline;
          },
      .stop_requested = [] { return stop_requested(); },
      .request_stop =
          [] {
            if (!stop_requested()) request_stop("another rank");
          }};
  mpi::share_tasks(group, tasks_of(sources), sharing);
  // On rank 0; a stop may come before a rank has begun.
  const bool all_begun =
      std::find(inferred.owners.begin(), inferred.owners.end(), nobody) == inferred.owners.end();
  try {
    group.on_all([&] {
      if (failure) std::rethrow_exception(failure);
      if (group.rank() == 0 && !all_begun) throw Error(ErrorKind::stopped, "stopped by {}", stop_reason());
    });
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::stopped) throw;
    // A stop is thrown on all ranks or on none.
    group.on_all([&] { checkpoints.save(); });
    throw Error(ErrorKind::stopped, "{}{}: run again to continue", error.what(),
                all_begun ? ", checkpoint saved" : "");
  }
  group.broadcast_bytes(inferred.owners.data(), inferred.owners.size() * sizeof(int), 0);
  return inferred;
}

}  // namespace rnn_rates::infer_write
