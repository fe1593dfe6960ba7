#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "inference/fit_model.hpp"
#include "inference/tuning.hpp"
#include "run/context.hpp"
#include "train_rnn/candidates.hpp"

namespace rnn_rates::train_rnn {

/// A network that is trained to see how good its settings are.
struct Trial {
  std::size_t candidate;
  std::size_t rung;
};

/// What the file of a network's trial is called by.
std::string name_of(const std::string& network, const Trial& trial);
/// The network and the trial that a name made so stands for; nothing for another one.
std::optional<std::pair<std::string, Trial>> trial_called(const std::string& name);

/// What trials have told, by their files, each of which is read once.
struct TrialResults {
  std::mutex& hdf5_mutex;  ///< also of what follows
  std::map<std::filesystem::path, inference::Runs> read = {};
};

/// The tuning of a session's settings, or, with tune.scope "dataset", of those of all sessions of the run, by
/// the bits per hidden spike of all their networks together. Callable from several threads. Refers to what it
/// is made from.
class Tuning {
 public:
  Tuning(const run::Context& context, const config::TrainRnn& settings, const run::SessionFolder& session,
         TrialResults& results);

  const std::vector<Rung>& rungs() const { return rungs_; }
  /// What trains a network of all `steps` in the trial.
  config::TrainRnn settings_of(const Trial& trial, std::uint32_t steps) const;
  /// `of_session` (its inputs), of a trial of its network with those settings.
  static artifact::Provenance provenance(artifact::Provenance of_session, const artifact::Subject& network,
                                         const config::TrainRnn& tried);
  /// Those that a rung trains. Throws Error(input) where a trial of the rung before is missing.
  std::vector<std::size_t> candidates(std::size_t rung) const;
  /// What has won, with all that was tried; what won becomes an input of `of_models`. Throws Error(input)
  /// where a trial is missing.
  struct Chosen {
    config::TrainRnn settings;
    inference::TunedSettings outcome;
  };
  Chosen chosen(artifact::Provenance& of_models) const;

 private:
  inference::TunedSettings outcome() const;
  /// Of each of `candidates`, over all networks in the scope.
  std::vector<inference::Runs> results(std::size_t rung, const std::vector<std::size_t>& candidates) const;

  const run::Context& context_;
  const config::TrainRnn& settings_;
  const run::SessionFolder& session_;
  TrialResults& results_;
  std::vector<Rung> rungs_;
};

}  // namespace rnn_rates::train_rnn
