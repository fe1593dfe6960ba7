#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "core/choices.hpp"
#include "inference/fit_data.hpp"
#include "run/outputs.hpp"

namespace rnn_rates::train_rnn {

/// A session whose fits are being trained here: its folder's lock, their data, where they come from.
struct OpenSession {
  std::unique_ptr<FolderLock> lock;
  std::vector<inference::FitData> fits;  ///< with counts for the masked GRU
  artifact::Provenance provenance;       ///< of the models
};

/// The sessions that this rank works on, shared by its threads: read once, locked once. A session stays open
/// until another one is asked for, since its next fit is likely to come here too. Not with --wait: of two
/// jobs that each keep a session and wait for the other's, neither would ever ask for another one.
class OpenSessions {
 public:
  /// Keeps the session open.
  using Use = std::shared_ptr<const OpenSession>;

  explicit OpenSessions(std::mutex& hdf5_mutex) : hdf5_mutex_(hdf5_mutex) {}

  /// With the counts where `network` learns from them. Throws Error(input) for an unusable pca.h5,
  /// Error(output) where the folder is locked or not writable.
  Use use(const run::Context& context, NetworkKind network, const run::SessionFolder& folder);

 private:
  struct Entry {
    std::mutex opening;
    bool ready = false;
    OpenSession session;
    int users = 0;
  };

  /// Counts a user of the session in `folder`, and closes those without any.
  Entry& enter(const std::filesystem::path& folder);
  /// Called under the mutex.
  void close_unused();
  void open(const run::Context& context, NetworkKind network, const run::SessionFolder& folder, Entry& entry);

  std::mutex& hdf5_mutex_;
  std::mutex mutex_;  ///< of what follows and of Entry::users
  /// Closed, which gives the lock back, under the mutex only: whoever opens the session next must not meet
  /// this process's own lock.
  std::map<std::filesystem::path, Entry> entries_;
};

}  // namespace rnn_rates::train_rnn
