#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace rnn_rates::plot_rates {

/// plots/manifest.json: which pictures were drawn, and what from.
struct Manifest {
  std::string depends_digest;
  std::map<std::string, std::string> files;  ///< digest by path relative to the folder of the pictures
};

/// Empty where there is none, or one that cannot be read: then all is drawn anew.
Manifest read_manifest(const std::filesystem::path& plots);
/// Digest of a file's bytes. Throws Error(input) where it cannot be read.
std::string file_digest(const std::filesystem::path& file);
void write_manifest(const std::filesystem::path& plots, const Manifest& manifest);

}  // namespace rnn_rates::plot_rates
