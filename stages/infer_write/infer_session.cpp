#include "infer_write/infer_session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "artifact/columns_file.hpp"
#include "artifact/rates_file.hpp"
#include "inference/true_r2.hpp"

namespace rnn_rates::infer_write {
namespace {

void log_metrics(const run::SessionFolder& session, const std::vector<inference::Metric>& metrics) {
  std::map<std::string, std::string> lines;
  for (const inference::Metric& metric : metrics) {
    std::string& line = lines[metric.fit];
    line += fmt::format("{}{} {:.3f}", line.empty() ? "" : ", ", metric.name, metric.value);
  }
  for (const auto& [fit, line] : lines) spdlog::info("{} {}: {}", session.id, fit, line);
}

/// The methods ranked by how well they predict spikes that they did not see.
void log_table(const run::SessionFolder& session, const inference::ScoreTable& table) {
  using inference::Method;
  for (std::size_t i = 0; i < table.methods.size(); ++i) {
    const inference::MethodScore& score = table.methods[i];
    const std::string co_smoothing = std::isnan(score.co_bits_per_spike)
                                         ? ""
                                         : fmt::format(", co-smoothing {:.3f}", score.co_bits_per_spike);
    spdlog::info("{} {}: {}. {:<14} {:>7.3f} bits per held-out spike{}", session.id, table.fit, i + 1,
                 word(score.method), score.bits_per_spike, co_smoothing);
  }
  const auto has = [&](Method method) {
    return std::any_of(table.methods.begin(), table.methods.end(),
                       [&](const inference::MethodScore& score) { return score.method == method; });
  };
  if (has(Method::boxcar) && !has(Method::gpfa)) {
    spdlog::info("{} {}: without GPFA, which needs two trials and is fitted to windows of {} bins at most",
                 session.id, table.fit, inference::most_gpfa_bins);
  }
}

/// On rank 0, for a simulated session: R2 of the rates of all fits, none of which leaves its rank.
std::vector<inference::Metric> session_metrics(const Sources& sources, const artifact::SessionBins& bins,
                                               const Inferred& inferred, const mpi::Group& group) {
  if (!bins.true_rate_hz) return {};
  const inference::KnownSession session{bins.counts, *bins.true_rate_hz, bins.bin_ms()};
  std::vector<double> squared_errors(bins.units(), 0.0);
  std::uint64_t predicted_bins = 0;
  for (std::size_t fit = 0; fit < sources.fits.size(); ++fit) {
    if (group.rank() == inferred.owners[fit]) {
      const inference::FitRates& rates = inferred.own.at(sources.fits[fit].name).rates;
      squared_errors = inference::add_squared_errors(std::move(squared_errors), session, rates);
      predicted_bins = rates.rate_hz.extent(2);
    }
    group.broadcast_bytes(squared_errors.data(), squared_errors.size() * sizeof(double),
                          inferred.owners[fit]);
    group.broadcast_bytes(&predicted_bins, sizeof predicted_bins, inferred.owners[fit]);
  }
  if (group.rank() > 0) return {};
  return inference::true_r2(session, squared_errors, predicted_bins);
}

/// Each rank writes the fits that it has.
void publish_together(const run::SessionFolder& session, const Sources& sources,
                      const artifact::SessionBins& bins, const Inferred& inferred,
                      const std::vector<inference::Metric>& metrics, const artifact::Provenance& provenance,
                      const mpi::Group& group, run::SessionReport& report) {
  const artifact::JointWriting writing{
      .outline =
          [&](h5::File& file) {
            for (const std::string& outline : inferred.outlines) artifact::add_outline(file, outline);
            artifact::write_session(file, metrics);
            artifact::write_columns(file, artifact::about_units, bins.unit_columns, "unit");
            return artifact::large_bytes(file);
          },
      .values =
          [&](h5::File& file) {
            for (const FitSource& fit : sources.fits) {
              const auto own = inferred.own.find(fit.name);
              artifact::write_large_arrays(file, fit.name,
                                           own == inferred.own.end() ? nullptr : &own->second);
            }
          }};
  report.outputs.push_back(
      {session.rates(), run::OutputState::computed,
       artifact::publish_together(session.rates(), artifact::rates, provenance, group, writing)});
  spdlog::info("{} written by {} ranks", session.rates().string(), group.size());
}

}  // namespace

void infer_session(const run::Context& context, const config::InferWrite& settings,
                   const run::SessionFolder& session, const Sources& sources,
                   const artifact::Provenance& provenance, const mpi::Group& group,
                   run::SessionReport& report) {
  artifact::SessionBins bins;
  group.on_all([&] {
    bins = artifact::read(sources.bins, artifact::bins, artifact::read_bins);
    artifact::read(sources.pca, artifact::pca, [](const h5::File&) {});
  });
  Checkpoints checkpoints(context, session, provenance);
  const Inferred inferred = infer_fits(context, settings, sources, bins, group, checkpoints);
  const std::vector<inference::Metric> metrics = session_metrics(sources, bins, inferred, group);
  if (group.size() == 1) {
    run::publish(session.rates(), artifact::rates, provenance, report, [&](h5::File& file) {
      for (const auto& [name, fit] : inferred.own) artifact::write_fit(file, fit);
      artifact::write_session(file, metrics);
      artifact::write_columns(file, artifact::about_units, bins.unit_columns, "unit");
    });
  } else {
    publish_together(session, sources, bins, inferred, metrics, provenance, group, report);
  }
  group.on_all([&] {
    if (group.rank() > 0) return;
    for (const FitSource& fit : sources.fits) checkpoints.remove(fit.name);
    const artifact::Opened written = artifact::open(session.rates(), artifact::rates);
    report.metrics = artifact::read_metrics(written.file);
    log_metrics(session, *report.metrics);
    for (const inference::ScoreTable& table : artifact::read_score_tables(written.file))
      log_table(session, table);
  });
}

}  // namespace rnn_rates::infer_write
