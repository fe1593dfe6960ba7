#include "plot_rates/compare.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "artifact/artifact.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "h5/attribute.hpp"
#include "plot/comparison_page.hpp"
#include "plot_rates/dataset.hpp"

namespace rnn_rates::plot_rates {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Adds the settings that an artifact depends on, lines of "key = value".
void add_settings(const fs::path& file, const artifact::Kind& kind,
                  std::map<std::string, std::string>& settings) {
  const std::optional<artifact::Opened> opened = artifact::try_open(file, kind);
  if (!opened) return;
  std::istringstream lines(h5::read_text_attribute(opened->file, "/", "config_text"));
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find(" = ");
    if (equals != std::string::npos) settings[line.substr(0, equals)] = line.substr(equals + 3);
  }
}

/// What the results of a session were made with.
std::map<std::string, std::string> settings_of(const fs::path& folder) {
  std::map<std::string, std::string> settings;
  add_settings(folder / "bins.h5", artifact::bins, settings);
  add_settings(folder / "pca.h5", artifact::pca, settings);
  add_settings(folder / "rates.h5", artifact::rates, settings);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder / "models", ignored))
    add_settings(entry.path(), artifact::model, settings);
  return settings;
}

std::vector<plot::ComparedSetting> differences(const fs::path& first, const fs::path& second) {
  const auto one = settings_of(first), two = settings_of(second);
  std::map<std::string, std::array<std::string, 2>> all;
  for (const auto& [key, value] : one) all[key][0] = value;
  for (const auto& [key, value] : two) all[key][1] = value;
  std::vector<plot::ComparedSetting> differing;
  for (const auto& [key, values] : all)
    if (values[0] != values[1]) differing.push_back({key, values});
  return differing;
}

plot::DatasetValue score_in(const json& summary, const char* name) {
  return value_in(summary["scores"].value(name, json::object()));
}

/// "a" and "b" of /x/a and /x/b, or whole paths where these names are the same.
std::array<std::string, 2> names_of(const fs::path& first, const fs::path& second) {
  if (first.filename() == second.filename()) return {first.string(), second.string()};
  return {first.filename().string(), second.filename().string()};
}

fs::path whole(const fs::path& folder) {
  const fs::path path = fs::absolute(folder / "").lexically_normal();
  return path.parent_path();
}

}  // namespace

void write_comparison(const run::Context& context, const fs::path& other) {
  const fs::path out = whole(context.options.out), there = whole(other);
  const std::vector<json> ours = summaries_in(out), theirs = summaries_in(there);
  plot::ComparisonPage page{names_of(out, there), {}, {}};
  for (const json& first : ours) {
    const auto second = std::find_if(theirs.begin(), theirs.end(), [&](const json& summary) {
      return summary["folder"] == first["folder"];
    });
    if (second == theirs.end()) continue;
    const std::string folder = first["folder"];
    for (plot::ComparedSetting& setting : differences(out / folder, there / folder)) {
      const bool known = std::any_of(page.settings.begin(), page.settings.end(),
                                     [&](const auto& seen) { return seen.key == setting.key; });
      if (!known) page.settings.push_back(std::move(setting));
    }
    const std::string beside = there.lexically_relative(out).generic_string();
    page.sessions.push_back(
        {first["session"],
         {folder + "/report.html", beside + "/" + folder + "/report.html"},
         {verdict_in(first), verdict_in(*second)},
         {score_in(first, "bits_per_hidden_spike"), score_in(*second, "bits_per_hidden_spike")},
         {score_in(first, "bits_over_best_simple"), score_in(*second, "bits_over_best_simple")}});
  }
  if (page.sessions.empty())
    throw Error(ErrorKind::input, "{}: plot_rates has drawn no session there that it has drawn in {} too",
                there.string(), out.string());
  write_file(out / "compare.html", plot::comparison_page_html(page));
  spdlog::info("{} compares {} sessions", (out / "compare.html").string(), page.sessions.size());
}

}  // namespace rnn_rates::plot_rates
