#include "train_rnn/open_sessions.hpp"

#include <doctest/doctest.h>
#include <fmt/ranges.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "artifact/pca_file.hpp"
#include "core/error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
using train_rnn::OpenSessions;
namespace fs = std::filesystem;

namespace {

/// Two trials of one unit in two bins.
inference::ReducedSession small_scores() {
  inference::ReducedFit fit{.region = "all", .taste = "0"};
  fit.units = {0};
  fit.trial_taste = {0, 0};
  fit.train_trials = {0};
  fit.test_trials = {1};
  fit.mean = fit.scale = fit.explained_variance_ratio = {1};
  fit.basis = Array<double, 2>({1, 1}, 1.0);
  fit.scores = Array<float, 3>({2, 2, 1});
  return {.bin_edges_ms = {0, 25, 50}, .stim_ms = 25, .fits = {fit}};
}

/// A session whose folder of results holds a pca.h5.
run::SessionFolder session_in(const fs::path& folder) {
  fs::create_directories(folder);
  artifact::publish(folder / "pca.h5", artifact::pca, {},
                    [](h5::File& file) { artifact::write_pca(file, small_scores()); });
  return {folder.filename().string(), folder / "recording.h5", folder};
}

run::Context context_of(const std::string& job) {
  run::Context context{"train_rnn", {}, {}, ""};
  context.job = job;
  return context;
}

bool locked(const run::SessionFolder& session) { return fs::exists(session.out / ".rnn_rates.lock"); }

}  // namespace

TEST_CASE("a session stays open until another one is asked for") {
  const test::TemporaryFolder folder;
  const run::SessionFolder first = session_in(folder / "first"), second = session_in(folder / "second");
  const run::Context context = context_of("job");
  std::mutex hdf5_mutex;
  OpenSessions sessions(hdf5_mutex);
  { const OpenSessions::Use use = sessions.use(context, NetworkKind::autoencoder, first); }
  CHECK(locked(first));
  const OpenSessions::Use use = sessions.use(context, NetworkKind::autoencoder, second);
  CHECK_FALSE(locked(first));
  CHECK(locked(second));
}

TEST_CASE("with --wait a session is closed as soon as its last user leaves, for jobs that wait for it") {
  const test::TemporaryFolder folder;
  const run::SessionFolder session = session_in(folder / "session");
  run::Context context = context_of("job");
  context.options.wait = true;
  std::mutex hdf5_mutex;
  OpenSessions sessions(hdf5_mutex);
  {
    std::optional<OpenSessions::Use> first(sessions.use(context, NetworkKind::autoencoder, session));
    const OpenSessions::Use second = sessions.use(context, NetworkKind::autoencoder, session);
    CHECK(&**first == &*second);
    first.reset();
    CHECK(locked(session));
  }
  CHECK_FALSE(locked(session));
}

TEST_CASE("threads that change between sessions never meet this process's own locks") {
  const test::TemporaryFolder folder;
  std::vector<run::SessionFolder> all;
  // The job's first process has the main locks, which this one joins.
  std::vector<std::unique_ptr<FolderLock>> main_locks;
  for (const char* const name : {"a", "b", "c"}) {
    // Without a pca.h5, which would take longer to read than to lock.
    all.push_back({name, folder.path(), folder / name});
    main_locks.push_back(std::make_unique<FolderLock>(all.back().out, "job", false));
  }
  const run::Context context = context_of("job");
  std::mutex hdf5_mutex;
  OpenSessions sessions(hdf5_mutex);
  std::mutex failures_mutex;
  std::set<std::string> failures;
  const auto come_and_go = [&](std::size_t first) {
    for (std::size_t round = 0; round < 500; ++round) {
      try {
        sessions.use(context, NetworkKind::autoencoder, all[(first + round) % all.size()]);
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::input) continue;
        const std::lock_guard lock(failures_mutex);
        failures.insert(error.what());
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < 4; ++thread) threads.emplace_back(come_and_go, thread);
  }
  CHECK(fmt::format("{}", fmt::join(failures, ", ")) == "");
}
