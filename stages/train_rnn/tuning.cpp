#include "train_rnn/tuning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "artifact/artifact.hpp"
#include "artifact/model_file.hpp"
#include "artifact/pca_file.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "train_rnn/problem.hpp"

namespace rnn_rates::train_rnn {
namespace {

constexpr std::string_view trial_mark = "_trial_", rung_mark = "_rung_";

std::optional<std::size_t> number_of(std::string_view text) {
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Called under the mutex.
const inference::Runs& result(TrialResults& results, const std::filesystem::path& path,
                              const artifact::Provenance& provenance) {
  if (const auto found = results.read.find(path); found != results.read.end()) return found->second;
  const auto opened = artifact::open_up_to_date(path, artifact::trial, provenance, false);
  if (!opened) {
    throw Error(
        ErrorKind::input,
        "{} is not there, or was made with other settings. Tuning compares the trials of all networks "
        "of a session; with tune.scope = \"dataset\" those of all sessions, which have to be trained in "
        "one run, with equal settings and without --shard. Run train_rnn again",
        path.string());
  }
  return results.read[path] = artifact::read(*opened, artifact::trial, artifact::read_trial);
}

}  // namespace

std::string name_of(const std::string& network, const Trial& trial) {
  return fmt::format("{}{}{}{}{}", network, trial_mark, trial.candidate, rung_mark, trial.rung);
}

std::optional<std::pair<std::string, Trial>> trial_called(const std::string& name) {
  const std::size_t trial = name.rfind(trial_mark), rung = name.rfind(rung_mark);
  if (trial == std::string::npos || rung == std::string::npos || rung < trial) return std::nullopt;
  const std::string_view text = name;
  const std::size_t first = trial + trial_mark.size();
  const auto candidate = number_of(text.substr(first, rung - first));
  const auto of_rung = number_of(text.substr(rung + rung_mark.size()));
  if (!candidate || !of_rung) return std::nullopt;
  return std::pair(name.substr(0, trial), Trial{*candidate, *of_rung});
}

Tuning::Tuning(const run::Context& context, const config::TrainRnn& settings,
               const run::SessionFolder& session, TrialResults& results)
    : context_(context),
      settings_(settings),
      session_(session),
      results_(results),
      rungs_(rungs_of(settings)) {}

config::TrainRnn Tuning::settings_of(const Trial& trial, std::uint32_t steps) const {
  config::TrainRnn tried = candidate(settings_, trial.candidate);
  tried.train.steps = std::max(1u, steps / rungs_.at(trial.rung).part);
  return tried;
}

artifact::Provenance Tuning::provenance(artifact::Provenance of_session, const artifact::Subject& network,
                                        const config::TrainRnn& tried) {
  config::Config all;
  all.train_rnn = tried;
  of_session.config_text = config::digest_text(all, config::TrainRnn::stage);
  of_session.subject = network;
  return of_session;
}

std::vector<std::size_t> Tuning::candidates(std::size_t rung) const {
  std::vector<std::size_t> all(rungs_.at(0).candidates);
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (std::size_t before = 0; before < rung; ++before) {
    std::vector<std::size_t> better;
    for (const std::size_t place : inference::best_of(results(before, all), rungs_.at(before + 1).candidates))
      better.push_back(all[place]);
    all = std::move(better);
  }
  return all;
}

std::vector<inference::Runs> Tuning::results(std::size_t rung,
                                             const std::vector<std::size_t>& candidates) const {
  const std::vector<run::SessionFolder> alone = {session_};
  const bool of_session = settings_.tune.scope == config::TuneScope::session;
  std::vector<inference::Runs> runs(candidates.size());
  const std::lock_guard lock(results_.hdf5_mutex);
  for (const run::SessionFolder& session : of_session ? alone : *context_.sessions) {
    artifact::Provenance made_from = context_.provenance();
    const artifact::Opened pca = artifact::open(session.pca(), artifact::pca);
    made_from.inputs = {pca.as_input(artifact::pca)};
    // Which makes NFS ask anew for files that were not there before another rank wrote them.
    std::error_code ignored;
    const std::filesystem::directory_iterator opened(session.models(), ignored);
    for (const artifact::FitOutline& fit : artifact::read_outline(pca.file).fits) {
      const std::uint32_t steps = steps_of(settings_.train, fit.trials, fit.bins, fit.chop);
      for (const artifact::Subject& network : artifact::networks_of(session.id, fit.name, fit.folds)) {
        for (std::size_t i = 0; i < candidates.size(); ++i) {
          const Trial trial{candidates[i], rung};
          const inference::Runs& more = result(results_, session.model(name_of(network.name(), trial)),
                                               provenance(made_from, network, settings_of(trial, steps)));
          runs[i].insert(runs[i].end(), more.begin(), more.end());
        }
      }
    }
  }
  return runs;
}

inference::TunedSettings Tuning::outcome() const {
  inference::TunedSettings outcome;
  for (std::size_t rung = 0; rung < rungs_.size(); ++rung) {
    const std::vector<std::size_t> tried = candidates(rung);
    const std::vector<inference::Runs> runs = results(rung, tried);
    for (std::size_t i = 0; i < tried.size(); ++i) {
      const inference::Difference over_first = inference::difference(runs[i], runs[0]);
      outcome.candidate.push_back(static_cast<std::uint32_t>(tried[i]));
      outcome.settings.push_back(description(candidate(settings_, tried[i])));
      outcome.part_of_steps.push_back(1.0 / rungs_[rung].part);
      outcome.bits_per_hidden_spike.push_back(neural::bits_per_spike(runs[i]));
      outcome.over_given.push_back(over_first.bits);
      outcome.over_given_standard_error.push_back(over_first.standard_error);
    }
    outcome.chosen = static_cast<std::uint32_t>(tried[inference::winner(runs)]);
  }
  return outcome;
}

Tuning::Chosen Tuning::chosen(artifact::Provenance& of_models) const {
  Chosen chosen{.settings = {}, .outcome = outcome()};
  chosen.settings = candidate(settings_, chosen.outcome.chosen);
  Digest digest;
  digest.add_text(description(chosen.settings));
  of_models.inputs.push_back({"chosen settings", "tuning", digest.hex()});
  return chosen;
}

}  // namespace rnn_rates::train_rnn
