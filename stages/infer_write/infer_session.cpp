#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "artifact/rates_file.hpp"
#include "artifact/scores_file.hpp"
#include "infer_write/infer_fits.hpp"
#include "inference/true_r2.hpp"

namespace rnn_rates::infer_write {
namespace {

inference::KnownSession known(const artifact::SessionBins& bins) {
  return {bins.counts, *bins.true_rate_hz, bins.bin_ms()};
}

std::string with_error(double value, double error) {
  return std::isnan(error) ? fmt::format("{:.3f}", value) : fmt::format("{:.3f} ± {:.3f}", value, error);
}

void log_verdict(const run::SessionFolder& session, const inference::FitVerdict& verdict) {
  const bool bad = verdict.verdict == inference::Verdict::do_not_use;
  spdlog::log(bad ? spdlog::level::warn : spdlog::level::info, "{} {}: {}: {}", session.id, verdict.fit,
              word(verdict.verdict), verdict.why);
}

/// What the published rates are worth, then the methods ranked by how well they predict hidden spikes.
void log_table(const run::SessionFolder& session, const inference::ScoreTable& table) {
  using inference::Method;
  if (const inference::MethodScore* ours = inference::published(table)) {
    std::string line = with_error(ours->bits_per_hidden_spike, ours->standard_error);
    if (const inference::MethodScore* simple = inference::best_simple(table)) {
      line += fmt::format(", bits_over_best_simple ({}) {}", word(simple->method),
                          with_error(ours->bits_over_best_simple, ours->over_best_simple_standard_error));
    }
    spdlog::info("{} {}: bits_per_hidden_spike {}", session.id, table.fit, line);
  }
  for (std::size_t i = 0; i < table.methods.size(); ++i) {
    const inference::MethodScore& score = table.methods[i];
    const std::string co_smoothing = std::isnan(score.co_bits_per_spike)
                                         ? ""
                                         : fmt::format(", co-smoothing {:.3f}", score.co_bits_per_spike);
    spdlog::info("{} {}: {}. {:<18} {} bits per hidden spike{}", session.id, table.fit, i + 1,
                 word(score.method), with_error(score.bits_per_hidden_spike, score.standard_error),
                 co_smoothing);
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

/// Those of the whole session; the tables have those of its fits.
void log_metrics(const run::SessionFolder& session, const std::vector<inference::Metric>& metrics) {
  std::string line;
  for (const inference::Metric& metric : metrics) {
    if (metric.fit == "session")
      line += fmt::format("{}{} {:.3f}", line.empty() ? "" : ", ", metric.name, metric.value);
  }
  if (!line.empty()) spdlog::info("{}: {}", session.id, line);
}

/// What must not be read off the rates, because networks or averages were told it.
void warn_of_what_rates_know(const run::SessionFolder& session, const config::InferWrite& settings,
                             const Sources& sources, const artifact::SessionBins& bins) {
  const std::set<std::string> regions(bins.unit_regions.begin(), bins.unit_regions.end());
  if (regions.size() > 1 && sources.fits.front().units == bins.units()) {
    spdlog::warn(
        "{}: one network reads the units of several regions ({}), so rates are correlated between regions "
        "where spikes are not. Do not compute correlations between regions from them; "
        "fits.separate_regions = true gives one network per region",
        session.id, fmt::join(regions, ", "));
  }
  const bool separate_tastes = sources.fits.size() > 1 && !sources.fits.front().joint_tastes;
  const bool told = separate_tastes || settings.combine_with.has(CombineWith::condition_average);
  if (bins.counts.size() > 1 && told) {
    spdlog::warn(
        "{}: rates know the taste of their trial, through {}. Do not decode tastes from them", session.id,
        separate_tastes ? "fits.separate_tastes = true" : "\"condition_average\" in infer.combine_with");
  }
}

void log_leaks(const run::SessionFolder& session, const inference::LeakTest& leaks) {
  std::string line;
  for (const inference::ConditionTold& told : leaks.conditions_told)
    line += fmt::format(", from {} {:.2f} and {:.2f}", word(told.teller), told.accuracy_before,
                        told.accuracy_after);
  if (!line.empty()) {
    spdlog::info(
        "{}: share of trials whose condition is told before and after the stimulus (chance {:.2f}){}",
        session.id, leaks.chance, line);
  }
  for (const inference::RegionsCorrelated& pair : leaks.correlations) {
    if (std::isnan(pair.correlation)) continue;  // Nothing varies.
    spdlog::info("{}: {} and {} correlate on single trials by {:.2f} in {}", session.id, pair.first,
                 pair.second, pair.correlation, word(pair.teller));
  }
  for (const std::string& warning : inference::warnings_of(leaks))
    spdlog::warn("{}: {}", session.id, warning);
}

/// What is learned of a session's rates while its fits pass through memory one by one.
class AcrossFits {
 public:
  explicit AcrossFits(const artifact::SessionBins& bins)
      : bins_(bins), squared_errors_(bins.units(), 0.0), means_(bins.counts, bins.observed, bins.bin_ms()) {}

  void add(const inference::FitRates& rates) {
    std::set<std::string> regions;
    for (const std::uint32_t unit : rates.units) regions.insert(bins_.unit_regions[unit]);
    joint_regions_ = joint_regions_ || regions.size() > 1;
    means_.add(rates);
    if (!bins_.true_rate_hz) return;
    squared_errors_ = inference::add_squared_errors(std::move(squared_errors_), known(bins_), rates);
    predicted_bins_ = rates.rate_hz.extent(2);
  }

  void write(h5::File& file) const {
    std::vector<inference::Metric> metrics;
    if (bins_.true_rate_hz) metrics = inference::true_r2(known(bins_), squared_errors_, predicted_bins_);
    if (const auto leaks = inference::leak_test(means_, bins_.unit_regions, joint_regions_)) {
      artifact::write_leak_test(file, *leaks);
      if (const auto verdict = inference::judge_leaks(inference::warnings_of(*leaks)))
        artifact::write_verdict(file, *verdict);
      const std::vector<inference::Metric> told = inference::metrics_of(*leaks);
      metrics.insert(metrics.end(), told.begin(), told.end());
    }
    artifact::write_session(file, bins_, metrics);
  }

 private:
  const artifact::SessionBins& bins_;
  std::vector<double> squared_errors_;  // (unit)
  std::size_t predicted_bins_ = 0;
  inference::TrialMeans means_;
  bool joint_regions_ = false;
};

/// Puts the parts of all fits together as rates.h5, holding one at a time in memory at most.
void publish(const run::SessionFolder& session, const Sources& sources, const artifact::SessionBins& bins,
             const Parts& parts, const artifact::Provenance& provenance, run::SessionReport& report) {
  AcrossFits fits(bins);
  std::vector<std::function<void(h5::File&)>> steps;
  steps.reserve(sources.fits.size() + 1);
  for (const FitSource& fit : sources.fits) {
    steps.emplace_back([&](h5::File& file) {
      const artifact::Opened part = parts.open(fit.name);
      artifact::copy_fit(part.file, fit.name, file);
      artifact::write_labels(file, fit.name, bins);
      fits.add(artifact::read_fit_rates(part.file, fit.name));
    });
  }
  steps.emplace_back([&](h5::File& file) { fits.write(file); });
  report.outputs.push_back({session.rates(), run::OutputState::computed,
                            artifact::publish_in_parts(session.rates(), artifact::rates, provenance, steps)});
  spdlog::info("{} written", session.rates().string());
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
  const Parts parts(context, session, provenance, settings.baselines);
  infer_fits(context, settings, session, sources, bins, group, parts);
  group.on_all([&] {
    if (group.rank() > 0) return;
    warn_of_what_rates_know(session, settings, sources, bins);
    publish(session, sources, bins, parts, provenance, report);
    const artifact::Opened written = artifact::open(session.rates(), artifact::rates);
    report.scores = artifact::read_scores(written.file);
    for (const inference::FitVerdict& verdict : report.scores->verdicts) log_verdict(session, verdict);
    for (const inference::ScoreTable& table : report.scores->tables) log_table(session, table);
    log_metrics(session, report.scores->metrics);
    if (const auto leaks = artifact::read_leak_test(written.file)) log_leaks(session, *leaks);
  });
}

}  // namespace rnn_rates::infer_write
