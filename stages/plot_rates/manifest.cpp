#include "plot_rates/manifest.hpp"

#include <limits>

#include "core/atomic_file.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/text_file.hpp"
#include "core/version.hpp"

namespace rnn_rates::plot_rates {
namespace {

const char* const file_name = "manifest.json";

}  // namespace

Manifest read_manifest(const std::filesystem::path& plots) {
  try {
    const nlohmann::json json =
        nlohmann::json::parse(read_text(plots / file_name, ErrorKind::input, "cannot be read"));
    return {json.at("depends_digest").get<std::string>(), json.value("page_digest", ""),
            json.at("files").get<std::map<std::string, std::string>>(),
            json.value("summary", nlohmann::json())};
  } catch (const nlohmann::json::exception&) {
    return {};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::input) throw;
    return {};
  }
}

std::string bytes_of(const std::filesystem::path& file) {
  constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
  return read_text(file, ErrorKind::input, "cannot be read, so run plot_rates --force again", any);
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
