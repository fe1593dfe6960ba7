#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rnn_rates::plot_rates {

/// plots/manifest.json: which pictures were drawn, and what from.
struct Manifest {
  std::string depends_digest;
  std::vector<std::string> files;  ///< relative to the folder of the pictures
};

/// Empty where there is none, or one that cannot be read: then all is drawn anew.
Manifest read_manifest(const std::filesystem::path& plots);
void write_manifest(const std::filesystem::path& plots, const Manifest& manifest);

}  // namespace rnn_rates::plot_rates
