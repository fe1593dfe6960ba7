#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "artifact/artifact.hpp"
#include "artifact/bins_file.hpp"
#include "artifact/rates_file.hpp"

namespace rnn_rates::infer_write {

/// What the rates' NWB file says of the session.
struct NwbSession {
  std::string id;
  std::optional<std::filesystem::path>
      source;  ///< an NWB file whose start, description and subject are taken over
  std::vector<std::vector<double>> stimulus_s;  ///< (taste) (trial); empty where not known
};

/// True where `path` holds the rates of this content digest.
bool holds_rates(const std::filesystem::path& path, const std::string& content_digest);

/// Throws Error(input) where values in the rates' NWB file fail HDF5's checksums.
void verify_nwb(const std::filesystem::path& path);

/// Publishes `path` as an NWB file of its own: the module /processing/rnn_rates with, for each fit, a
/// TimeSeries <fit>_rate (time, unit) in Hz and <fit>_latent (time, latent), trials one after the other in
/// the order of recording; the table `units` there; and /intervals/trials. Time is that of the recording
/// where it is known and trials do not overlap; otherwise trials are laid one second apart, and
/// session_description says so. Throws Error(output).
void write_nwb(const std::filesystem::path& path, const NwbSession& session,
               const artifact::SessionBins& bins, const std::vector<artifact::FitRates>& fits,
               const std::string& content_digest);

}  // namespace rnn_rates::infer_write
