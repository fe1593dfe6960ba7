#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace rnn_rates::plot_rates {

/// plots/manifest.json: which files were made, and what from.
struct Manifest {
  std::string depends_digest;                ///< of the pictures
  std::string page_digest;                   ///< of what the page shows besides
  std::map<std::string, std::string> files;  ///< digest by path relative to the folder of the pictures
  nlohmann::json summary;                    ///< what the page of the dataset says of the session
};

/// Empty where there is none, or one that cannot be read: then all is drawn anew.
Manifest read_manifest(const std::filesystem::path& plots);
/// Throws Error(input) where it cannot be read.
std::string bytes_of(const std::filesystem::path& file);
/// Digest of a file's bytes. Throws Error(input) where it cannot be read.
std::string file_digest(const std::filesystem::path& file);
/// The same of a file that was just made; throws Error(output) where its folder is gone.
std::string digest_of_drawn(const std::filesystem::path& file);
void write_manifest(const std::filesystem::path& plots, const Manifest& manifest);

}  // namespace rnn_rates::plot_rates
