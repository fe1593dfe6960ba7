#include "plot_rates/manifest.hpp"

#include <utility>

#include "core/atomic_file.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/version.hpp"

namespace rnn_rates::plot_rates {
namespace {

const char* const file_name = "manifest.json";

}  // namespace

Manifest read_manifest(const std::filesystem::path& plots) {
  const nlohmann::json json =
      nlohmann::json::parse(read_file(plots / file_name).value_or(""), nullptr, false);
  if (!json.is_object() || !json.contains("depends_digest") || !json.contains("files")) return {};
  try {
    return {json["depends_digest"].get<std::string>(), json.value("page_digest", ""),
            json["files"].get<std::map<std::string, std::string>>(), json.value("summary", nlohmann::json())};
  } catch (const nlohmann::json::exception&) {
    return {};
  }
}

std::string bytes_of(const std::filesystem::path& file) {
  if (auto bytes = read_file(file)) return std::move(*bytes);
  throw Error(ErrorKind::input, "{}: cannot be read. Run plot_rates --force again.", file.string());
}

std::string file_digest(const std::filesystem::path& file) {
  const std::string bytes = bytes_of(file);
  Digest digest;
  digest.add(bytes.data(), bytes.size());
  return digest.hex();
}

std::string digest_of_drawn(const std::filesystem::path& file) {
  try {
    return file_digest(file);
  } catch (const Error&) {
    check_folder_of(file);
    throw;
  }
}

void write_manifest(const std::filesystem::path& plots, const Manifest& manifest) {
  const nlohmann::json json = {{"kind", "plots"},
                               {"program_version", program_version()},
                               {"depends_digest", manifest.depends_digest},
                               {"page_digest", manifest.page_digest},
                               {"files", manifest.files},
                               {"summary", manifest.summary}};
  write_file(plots / file_name, json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace rnn_rates::plot_rates
