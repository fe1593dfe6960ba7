#include "plot_rates/manifest.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/atomic_file.hpp"
#include "core/version.hpp"

namespace rnn_rates::plot_rates {
namespace {

const char* const file_name = "manifest.json";

}  // namespace

Manifest read_manifest(const std::filesystem::path& plots) {
  std::ifstream stream(plots / file_name);
  const nlohmann::json json = nlohmann::json::parse(stream, nullptr, false);
  if (!json.is_object() || !json.contains("depends_digest") || !json.contains("files")) return {};
  try {
    return {json["depends_digest"].get<std::string>(), json["files"].get<std::vector<std::string>>()};
  } catch (const nlohmann::json::exception&) {
    return {};
  }
}

void write_manifest(const std::filesystem::path& plots, const Manifest& manifest) {
  const nlohmann::json json = {{"kind", "plots"},
                               {"program_version", program_version()},
                               {"depends_digest", manifest.depends_digest},
                               {"files", manifest.files}};
  write_text_file(plots / file_name, json.dump(2) + "\n");
}

}  // namespace rnn_rates::plot_rates
