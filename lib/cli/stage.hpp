#pragma once

#include <CLI/App.hpp>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "artifact/artifact.hpp"
#include "cli/options.hpp"
#include "config/config.hpp"

namespace rnn_rates::cli {

/// The folder that holds everything of one session, and the session itself.
struct SessionFolder {
  std::string id;
  std::filesystem::path source;  ///< session folder or .h5 file
  std::filesystem::path out;

  std::filesystem::path bins() const { return out / "bins.h5"; }
  std::filesystem::path pca() const { return out / "pca.h5"; }
  std::filesystem::path models() const { return out / "models"; }
  std::filesystem::path model(const std::string& fit) const { return models() / (fit + ".h5"); }
  std::filesystem::path checkpoint(const std::string& fit) const { return models() / (fit + ".ckpt.h5"); }
  std::filesystem::path rates() const { return out / "rates.h5"; }
  std::filesystem::path plots() const { return out / "plots"; }
};

/// Shares the fits of all sessions over ranks: each rank asks in the same order and takes every size-th.
class TaskShare {
 public:
  TaskShare(int rank, int size) : rank_(rank), size_(size) {}
  bool next_is_mine() { return next_++ % size_ == rank_; }

 private:
  int rank_, size_, next_ = 0;
};

/// What a stage is called with.
struct Context {
  std::string stage;
  CommonOptions options;
  config::Config config;
  std::string command;
  TaskShare share;

  std::size_t threads() const { return thread_count(options); }
  /// Provenance with this run's settings; the stage adds its inputs.
  artifact::Provenance provenance() const;
};

/// What became of one file of a session.
struct OutputReport {
  std::filesystem::path path;
  std::string status;  ///< "computed", "up to date" or, in a dry run, "to do"
  std::string content_digest;
};

struct SessionReport {
  std::vector<OutputReport> outputs;
  nlohmann::json metrics;  ///< of the stage's choice; null for none
};

/// One of the five programs.
struct Stage {
  std::string name;
  std::string summary;
  std::vector<std::string> examples;  ///< two command lines
  /// Adds the stage's own flags; those that are settings append "key=value" to `overrides`.
  std::function<void(CLI::App& app, std::vector<std::string>& overrides)> add_options;
  std::function<SessionReport(Context& context, const SessionFolder& session)> run;
  /// The kinds that the stage reads or writes, which --verify checks.
  std::vector<artifact::Kind> touches;
  /// What else --verify checks; may be empty. Throws Error(input).
  std::function<void(const SessionFolder& session)> verify_more;
  /// Called before any session is looked for; true if the command line asked for this instead of sessions.
  std::function<bool(const Context& context)> run_without_session;
  /// True: every rank sees every session and takes fits by Context::share; false: ranks share out the
  /// sessions.
  bool shares_fits = false;
};

/// Adds `--name` and `--no-name` for the boolean setting `key`.
void add_boolean_setting(CLI::App& app, const std::string& name, const std::string& key,
                         const std::string& help, std::vector<std::string>& overrides);
/// Adds `--name VALUE` for the text setting `key`.
void add_text_setting(CLI::App& app, const std::string& name, const std::string& key, const std::string& help,
                      std::vector<std::string>& overrides);

/// Parses, runs the stage over its sessions, reports. The only place that catches; returns the exit code.
int run_stage(int argc, char** argv, const Stage& stage);

/// True where `path` has to be computed; otherwise (up to date, or a dry run) says so and adds it to
/// `report`.
bool needs_computing(const Context& context, const std::filesystem::path& path, const artifact::Kind& kind,
                     const artifact::Provenance& provenance, SessionReport& report);

/// Publishes what `fill` writes as `path`, says so and adds it to `report`.
void publish(const std::filesystem::path& path, const artifact::Kind& kind,
             const artifact::Provenance& provenance, SessionReport& report,
             const std::function<void(h5::File&)>& fill);

/// Warns where `input` was made with other settings than the ones in force now, key by key.
void warn_of_other_settings(const Context& context, const artifact::Opened& input,
                            const artifact::Kind& kind);

}  // namespace rnn_rates::cli
