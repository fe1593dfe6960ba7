#include "plot_rates/dataset.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include "core/atomic_file.hpp"
#include "core/natural_order.hpp"
#include "core/stop.hpp"
#include "inference/leak_test.hpp"
#include "plot/dataset_page.hpp"
#include "plot/figures.hpp"
#include "plot_rates/figures.hpp"
#include "plot_rates/manifest.hpp"
#include "plot_rates/report.hpp"

namespace rnn_rates::plot_rates {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Whether this, which anything may have written into a session's folder, is what session_summary() makes.
bool is_summary(const json& summary) {
  const auto is_score = [](const json& score) {
    return score.is_object() && score.contains("value") && score.contains("meaning") &&
           score["meaning"].is_string();
  };
  return summary.is_object() && summary.contains("session") && summary["session"].is_string() &&
         summary.contains("scores") && summary["scores"].is_object() &&
         std::all_of(summary["scores"].begin(), summary["scores"].end(), is_score);
}

/// OUT/scores.FORMAT: the scores on hidden spikes, which come first, or others where there are none.
void write_picture(const run::Context& context, plot::Format format, const plot::DatasetPage& page) {
  constexpr std::size_t first_score = 3, most_scores = 2;
  std::vector<std::string> names;
  for (const plot::DatasetRow& row : page.rows) names.push_back(row.link.label);
  std::vector<plot::SessionScores> scores;
  for (std::size_t i = first_score; i < page.columns.size() && scores.size() < most_scores; ++i) {
    scores.push_back({page.columns[i], {}});
    for (const plot::DatasetRow& row : page.rows) scores.back().values.push_back(row.values[i].value);
  }
  if (scores.empty()) return;
  AtomicFile file(context.options.out / fmt::format("scores.{}", word(format)));
  plot::Gnuplot gnuplot(stop_token());
  gnuplot.draw(plot::sessions_picture(page.title, {}, names, scores), file, format);
  file.publish();
}

/// OUT/index.html over these sessions, and their picture.
void write_page(const run::Context& context, plot::Format format, const std::vector<json>& summaries) {
  const fs::path& out = context.options.out;
  plot::DatasetPage page;
  page.title = fs::absolute(out).lexically_normal().filename().string();
  if (page.title.empty()) page.title = fs::absolute(out).lexically_normal().parent_path().filename().string();
  page.lead = fmt::format("{} session{}. Scores of a session with several fits are means over these.",
                          summaries.size(), summaries.size() == 1 ? "" : "s");
  page.columns = {"units", "tastes", "trials"};
  page.meanings = {"units", "tastes", "trials of all tastes"};
  const auto add_column = [&](const std::string& name, const json& score) {
    if (std::find(page.columns.begin(), page.columns.end(), name) != page.columns.end()) return;
    page.columns.push_back(name);
    page.meanings.push_back(score["meaning"]);
  };
  for (const char* first : {"bits_per_hidden_spike", "bits_over_best_simple"}) {
    for (const json& summary : summaries)
      if (summary["scores"].contains(first)) add_column(first, summary["scores"][first]);
  }
  for (const json& summary : summaries) {
    for (const auto& [name, score] : summary["scores"].items()) add_column(name, score);
  }
  for (const json& summary : summaries) {
    const std::string folder = summary["folder"];
    plot::DatasetRow row{{summary["session"], folder + "/report.html"}, {}, verdict_in(summary)};
    for (const std::string& column : page.columns) {
      const json score = summary.contains(column) ? json{{"value", summary[column]}}
                                                  : summary["scores"].value(column, json::object());
      row.values.push_back(value_in(score));
    }
    page.rows.push_back(std::move(row));
  }
  write_picture(context, format, page);
  write_file(out / "index.html", plot::dataset_page_html(page));
}

}  // namespace

std::vector<json> summaries_in(const fs::path& out) {
  std::vector<json> summaries;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(out, ignored)) {
    json summary = read_manifest(entry.path() / "plots").summary;
    if (!is_summary(summary)) continue;
    summaries.push_back(std::move(summary));
    summaries.back()["folder"] = entry.path().filename().string();
  }
  std::sort(summaries.begin(), summaries.end(), [](const json& a, const json& b) {
    return natural_less(a["folder"].get<std::string>(), b["folder"].get<std::string>());
  });
  return summaries;
}

plot::DatasetValue value_in(const json& score) {
  const auto number = [&](const char* key) {
    const auto at = score.find(key);
    return at != score.end() && at->is_number() ? at->get<double>()
                                                : std::numeric_limits<double>::quiet_NaN();
  };
  return {number("value"), number("standard_error")};
}

plot::PageVerdict verdict_in(const json& summary) {
  const json verdict = summary.value("verdict", json::object());
  const auto text = [&](const char* key) {
    const auto at = verdict.find(key);
    return at != verdict.end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  return {text("verdict"), text("why"), text("style")};
}

json session_summary(const run::SessionFolder& session, const Gathered& gathered) {
  std::size_t units = 0, trials = 0;
  for (const plot::RegionRates& region : gathered.regions) units += region.units.size();
  for (const plot::TasteRates& taste : gathered.regions.front().tastes) trials += taste.counts.extent(0);
  // A score that fits have and the session has not is averaged over the fits; so is its standard error, which
  // the average's is at most.
  std::map<std::string, std::vector<double>> values;
  json scores = json::object();
  for (const inference::Metric& metric : gathered.scores.metrics) values[metric.name].push_back(metric.value);
  const auto mean = [&](const std::string& name) {
    const std::vector<double>& all = values.at(name);
    return std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
  };
  for (const inference::Metric& metric : gathered.scores.metrics) {
    // The leak test is for the session's own page.
    if (inference::is_standard_error(metric.name) || metric.fit == inference::leak_test_name) continue;
    json& score = scores[metric.name] = {{"value", mean(metric.name)}, {"meaning", metric.meaning}};
    const std::string error = inference::standard_error_of(metric.name);
    if (values.contains(error)) score["standard_error"] = mean(error);
  }
  const plot::PageVerdict verdict = page_verdict(gathered);
  return {{"session", session.id},
          {"verdict", {{"verdict", verdict.verdict}, {"why", verdict.why}, {"style", verdict.style}}},
          {"units", units},
          {"tastes", gathered.regions.front().tastes.size()},
          {"trials", trials},
          {"scores", scores}};
}

void write_dataset_page(const run::Context& context, const config::PlotRates& settings) {
  const fs::path& out = context.options.out;
  if (out.empty()) return;
  // Another run may have drawn a session since and published its page before this one, so look again:
  // whichever publishes last finds what all of them have drawn.
  std::vector<json> listed, found = summaries_in(out);
  while (!found.empty() && found != listed) {
    listed = std::move(found);
    write_page(context, settings.format, listed);
    found = summaries_in(out);
  }
  if (!listed.empty()) spdlog::info("{} lists {} sessions", (out / "index.html").string(), listed.size());
}

}  // namespace rnn_rates::plot_rates
