#include "plot_rates/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "artifact/scores_file.hpp"
#include "h5/attribute.hpp"
#include "plot_rates/manifest.hpp"

namespace rnn_rates::plot_rates {
namespace {

namespace fs = std::filesystem;

std::string attribute(const artifact::Opened& opened, const std::string& name) {
  return h5::has_attribute(opened.file, "/", name) ? h5::read_text_attribute(opened.file, "/", name) : "";
}

std::string relative(const fs::path& file, const run::SessionFolder& from) {
  const fs::path path = fs::absolute(file).lexically_normal();
  return path.lexically_relative(fs::absolute(from.out).lexically_normal()).generic_string();
}

std::string lead(const Inputs& inputs, const std::vector<plot::RegionRates>& regions) {
  std::set<std::string> units_regions;
  std::size_t units = 0, trials = 0, tastes = regions.front().tastes.size();
  for (const plot::RegionRates& region : regions) {
    units += region.units.size();
    for (std::size_t unit = 0; unit < region.units.size(); ++unit)
      units_regions.insert(plot::region_of_unit(region, unit));
  }
  for (const plot::TasteRates& taste : regions.front().tastes) trials += taste.counts.extent(0);
  const auto plural = [](std::size_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  return fmt::format("{} of {}, {} of {}; {} ms bins; {}; inferred {} by version {}.", plural(units, "unit"),
                     plural(units_regions.size(), "region"), plural(trials, "trial"),
                     plural(tastes, regions.front().condition_word.c_str()), regions.front().bin_ms,
                     plural(inputs.models.size(), "network"), attribute(inputs.rates, "created_utc"),
                     attribute(inputs.rates, "program_version"));
}

plot::PageTable provenance_table(const Inputs& inputs) {
  plot::PageTable table{"Provenance", {"file", "made", "version", "commit", "content digest", "command"}, {}};
  const auto add = [&](const artifact::Opened& opened) {
    table.rows.push_back({opened.file.path().filename().string(), attribute(opened, "created_utc"),
                          attribute(opened, "program_version"), attribute(opened, "git_commit"),
                          opened.header.content_digest, attribute(opened, "command")});
  };
  add(inputs.bins);
  for (const Model& model : inputs.models) add(model.file);
  add(inputs.rates);
  return table;
}

std::string with_error(double value, double error = std::numeric_limits<double>::quiet_NaN()) {
  if (std::isnan(value)) return "";
  return std::isnan(error) ? fmt::format("{:.4f}", value) : fmt::format("{:.4f} ± {:.4f}", value, error);
}

plot::PageTable method_table(const Gathered& gathered, const inference::ScoreTable& scores) {
  plot::PageTable table{
      "Methods, " + gathered.fit_titles.at(scores.fit),
      {"method", "bits per hidden spike", "over the best simple method", "bits per spike of hidden units"},
      {}};
  for (const inference::MethodScore& method : scores.methods) {
    table.rows.push_back(
        {method.method == inference::Method::rnn ? "network" : std::string(word(method.method)),
         with_error(method.bits_per_hidden_spike, method.standard_error),
         with_error(method.bits_over_best_simple, method.over_best_simple_standard_error),
         with_error(method.co_bits_per_spike)});
  }
  return table;
}

/// The honest score of each fit, and by how much it beats the best simple method.
std::string headline(const Gathered& gathered) {
  constexpr std::size_t most_fits = 3;
  std::string text;
  for (std::size_t i = 0; i < gathered.scores.tables.size(); ++i) {
    const inference::ScoreTable& table = gathered.scores.tables[i];
    const inference::MethodScore *ours = inference::published(table), *simple = inference::best_simple(table);
    if (ours == nullptr) continue;
    if (i == most_fits) return text + fmt::format(" {} more fits below.", gathered.scores.tables.size() - i);
    if (!text.empty()) text += " ";
    if (gathered.scores.tables.size() > 1) text += gathered.fit_titles.at(table.fit) + ": ";
    text += fmt::format("{:.3f} ± {:.3f} bits per hidden spike", ours->bits_per_hidden_spike,
                        ours->standard_error);
    if (simple != nullptr)
      text +=
          fmt::format(", {:+.3f} ± {:.3f} against the best simple method ({})", ours->bits_over_best_simple,
                      ours->over_best_simple_standard_error, method_title(word(simple->method)));
    text += ".";
  }
  return text;
}

plot::PageTable verdict_table(const Gathered& gathered) {
  plot::PageTable table{"Verdicts", {"fit", "verdict", "why"}, {}};
  for (const inference::FitVerdict& verdict : gathered.scores.verdicts)
    table.rows.push_back(
        {gathered.fit_titles.at(verdict.fit), std::string(word(verdict.verdict)), verdict.why});
  return table;
}

std::vector<std::string> warnings_of(const Inputs& inputs, const std::optional<inference::LeakTest>& leaks) {
  std::vector<std::string> warnings;
  if (leaks) warnings = inference::warnings_of(*leaks);
  for (const Model& model : inputs.models) {
    const std::string name = model.file.file.path().stem().string();
    for (const std::string& warning :
         artifact::read(model.file, artifact::model, artifact::read_model).warnings) {
      warnings.push_back(name + ": " + warning);
    }
  }
  return warnings;
}

}  // namespace

std::vector<plot::PageLink> page_links(const run::Context& context, const run::SessionFolder& session) {
  std::vector<plot::PageLink> links;
  const auto& all = *context.sessions;
  const auto here = std::find_if(all.begin(), all.end(),
                                 [&](const run::SessionFolder& other) { return other.id == session.id; });
  if (here != all.begin() && here != all.end()) {
    const run::SessionFolder& before = *(here - 1);
    links.push_back({"← " + before.id, relative(before.report(), session)});
  }
  if (here != all.end() && here + 1 != all.end()) {
    const run::SessionFolder& after = *(here + 1);
    links.push_back({after.id + " →", relative(after.report(), session)});
  }
  if (!context.options.out.empty()) links.push_back({"All sessions", "../index.html"});
  return links;
}

plot::PageVerdict page_verdict(const Gathered& gathered) {
  const inference::FitVerdict* worst = inference::worst(gathered.scores.verdicts);
  if (worst == nullptr) return {};
  static constexpr const char* styles[] = {"good", "care", "not"};
  const std::string of = gathered.scores.verdicts.size() > 1 ? gathered.fit_titles.at(worst->fit) + ": " : "";
  return {std::string(word(worst->verdict)), of + worst->why,
          styles[static_cast<std::size_t>(worst->verdict)]};
}

plot::PageTable score_table(const std::vector<inference::Metric>& metrics) {
  plot::PageTable table{"Scores", {"score"}, {}};
  std::vector<std::string> names, fits;
  std::map<std::pair<std::string, std::string>, const inference::Metric*> found;  // By fit and name.
  const auto note = [](std::vector<std::string>& list, const std::string& name) {
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
  };
  for (const inference::Metric& metric : metrics) {
    if (metric.fit == inference::leak_test_name) continue;  // It has tables of its own.
    found[{metric.fit, metric.name}] = &metric;
    note(fits, metric.fit);
    if (!inference::is_standard_error(metric.name)) note(names, metric.name);
  }
  table.head.insert(table.head.end(), fits.begin(), fits.end());
  table.head.push_back("meaning");
  for (const std::string& name : names) {
    std::vector<std::string> row{name};
    std::string meaning;
    for (const std::string& fit : fits) {
      const auto at = found.find({fit, name}), error = found.find({fit, inference::standard_error_of(name)});
      row.push_back(at == found.end() ? "" : fmt::format("{:.4g}", at->second->value));
      if (error != found.end()) row.back() += fmt::format(" ± {:.2g}", error->second->value);
      if (at != found.end())
        meaning = at->second->meaning + (at->second->units.empty() ? "" : " (" + at->second->units + ")");
    }
    row.push_back(meaning);
    table.rows.push_back(row);
  }
  return table;
}

plot::SessionPage session_page(const run::Context& context, const config::PlotRates& settings,
                               const run::SessionFolder& session, const Inputs& inputs,
                               const Gathered& gathered, const std::vector<Figure>& drawn) {
  plot::SessionPage page;
  page.session = session.id;
  page.verdict = page_verdict(gathered);
  page.headline = headline(gathered);
  page.lead = lead(inputs, gathered.regions);
  const std::optional<inference::LeakTest> leaks =
      h5::reading([&] { return artifact::read_leak_test(inputs.rates.file); });
  page.warnings = warnings_of(inputs, leaks);
  page.links = page_links(context, session);
  if (gathered.scores.verdicts.size() > 1) page.tables.push_back(verdict_table(gathered));
  page.tables.push_back(score_table(gathered.scores.metrics));
  for (const inference::ScoreTable& table : gathered.scores.tables)
    page.tables.push_back(method_table(gathered, table));
  if (leaks) {
    for (plot::PageTable& table : leak_tables(*leaks)) page.tables.push_back(std::move(table));
  }
  page.tables.push_back(knowledge_table(inputs.rates.file, gathered.fit_titles));
  page.tables.push_back(provenance_table(inputs));
  page.config_toml = attribute(inputs.rates, "config_toml");
  page.regions = gathered.regions;
  page.losses = gathered.losses;
  for (const Figure& figure : drawn) {
    const bool pages = !figure.pages.empty();
    if (pages && settings.single_files) {
      const std::string folder = figure.pages.front().substr(0, figure.pages.front().find('/'));
      page.files.push_back({figure.description, "plots/" + folder + "/"});
    } else {
      page.files.push_back(
          {figure.description,
           fmt::format("plots/{}.{}", figure.file, word(pages ? PictureFormat::pdf : settings.format))});
    }
    if (!plot::has_charts() && !pages && settings.format == PictureFormat::png) {
      page.pictures.push_back({figure.description, bytes_of(session.plots() / (figure.file + ".png"))});
    }
  }
  return page;
}

}  // namespace rnn_rates::plot_rates
