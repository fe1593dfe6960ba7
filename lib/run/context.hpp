#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "artifact/artifact.hpp"
#include "config/config.hpp"
#include "mpi/group.hpp"
#include "run/options.hpp"

namespace rnn_rates::run {

class Progress;

/// The folder that holds everything of one session, and the session itself.
struct SessionFolder {
  std::string id;
  std::filesystem::path source;  ///< session folder or .h5 file
  std::filesystem::path out;

  std::filesystem::path bins() const { return out / "bins.h5"; }
  std::filesystem::path pca() const { return out / "pca.h5"; }
  std::filesystem::path models() const { return out / "models"; }
  std::filesystem::path model(const std::string& name) const { return models() / (name + ".h5"); }
  std::filesystem::path checkpoint(const std::string& name) const { return models() / (name + ".ckpt.h5"); }
  std::filesystem::path rates() const { return out / "rates.h5"; }
  std::filesystem::path rates_checkpoint(const std::string& fit) const {
    return out / ("rates_" + fit + ".ckpt.h5");
  }
  std::filesystem::path rates_part(const std::string& fit) const {
    return out / ("rates.h5." + fit + ".part");
  }
  std::filesystem::path rates_nwb() const { return out / "rates.nwb"; }
  std::filesystem::path plots() const { return out / "plots"; }
  std::filesystem::path report() const { return out / "report.html"; }
};

/// The settings of a session, of which a stage sees its own, through StageOf, and how the run is carried out.
class Settings {
 public:
  Settings() = default;
  explicit Settings(config::Config all) : all_(std::move(all)) {}

  const config::Execution& execution() const { return all_.execution; }
  std::string to_toml() const { return config::to_toml(all_); }
  std::string canonical_text(std::string_view stage) const { return config::canonical_text(all_, stage); }
  std::string digest_text(std::string_view stage) const { return config::digest_text(all_, stage); }

 private:
  template <class Own, class Kind>
  friend class StageOf;
  friend struct Context;
  config::Config all_;
};

/// What a stage is called with.
struct Context {
  std::string stage;
  CommonOptions options;
  Settings settings;
  std::string command;
  mpi::Group world = {};  ///< all ranks of the job
  std::string job = {};   ///< its name, different from any other job's
  int node_rank = 0;      ///< among the ranks on this node
  /// All that the command line names, in order, whoever runs them. One list for the contexts of all sessions.
  std::shared_ptr<const std::vector<SessionFolder>> sessions = {};
  Progress* progress = nullptr;  ///< of what PartStage::progress_unit names

  /// Cores that this process may use (affinity, so a Slurm allocation counts), or what --threads says.
  std::size_t threads() const;
  /// A stage that shows its own progress does so only alone.
  bool shows_own_progress() const { return !options.quiet && world.size() == 1; }
  /// Provenance with this run's settings; the stage adds its inputs.
  artifact::Provenance provenance() const;
};

}  // namespace rnn_rates::run
