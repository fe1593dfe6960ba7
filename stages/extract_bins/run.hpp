#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "run/stage.hpp"

namespace rnn_rates::extract_bins {

struct Options {
  std::string input;               ///< which .h5 of the session folder
  std::filesystem::path simulate;  ///< folder for a simulated session; empty: none
};

/// Bins the spikes of sessions into bins.h5. A recording whose files are untouched since is not read again;
/// one that was touched is, and bins.h5 is made again only if its spikes differ.
class Stage final : public run::StageOf<config::ExtractBins, run::SessionStage> {
 public:
  explicit Stage(const Options& options) : options_(options) {}
  std::vector<artifact::Kind> touches() const override { return {artifact::bins}; }
  run::SessionReport run(const run::Context& context, const run::SessionFolder& session,
                         const mpi::Group& group) override;
  /// Reads the recording again. Throws Error(input) where its spikes are not those of bins.h5; warns where
  /// bins.h5 was made with other settings, which leaves nothing to compare.
  void verify_more(const run::Context& context, const run::SessionFolder& session) override;
  /// Writes the simulated session that --simulate asks for; false if it does not.
  bool run_without_session(const run::Context& context) override;

 private:
  const Options& options_;
};

}  // namespace rnn_rates::extract_bins
