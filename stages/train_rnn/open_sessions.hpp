#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "artifact/bins_file.hpp"
#include "artifact/pca_file.hpp"
#include "cli/outputs.hpp"

namespace rnn_rates::train_rnn {

/// A session whose fits are being trained here: its folder's lock, its scores, where they come from.
struct OpenSession {
  std::unique_ptr<FolderLock> lock;
  artifact::SessionScores scores;
  std::optional<artifact::SessionBins> bins;  ///< for the masked GRU
  artifact::Provenance provenance;            ///< of the models
};

/// The sessions that this rank works on, shared by its threads: read once, locked once. A session stays open
/// until another one is asked for, since its next fit is likely to come here too.
class OpenSessions {
 private:
  struct Entry {
    std::mutex opening;
    bool ready = false;
    OpenSession session;
    int users = 0;
  };

 public:
  /// Keeps the session open.
  class Use {
   public:
    Use(OpenSessions& sessions, std::shared_ptr<Entry> entry)
        : sessions_(&sessions), entry_(std::move(entry)) {}
    ~Use();
    Use(Use&&) = default;
    Use& operator=(Use&&) = delete;
    const OpenSession& operator*() const { return entry_->session; }
    const OpenSession* operator->() const { return &entry_->session; }

   private:
    OpenSessions* sessions_;
    std::shared_ptr<Entry> entry_;
  };

  explicit OpenSessions(std::mutex& hdf5_mutex) : hdf5_mutex_(hdf5_mutex) {}

  /// Throws Error(input) for an unusable pca.h5, Error(output) where the folder is locked or not writable.
  Use use(const cli::Context& context, const cli::SessionFolder& folder);

 private:
  void open(const cli::Context& context, const cli::SessionFolder& folder, Entry& entry);

  std::mutex& hdf5_mutex_;
  std::mutex mutex_;
  std::map<std::filesystem::path, std::shared_ptr<Entry>> entries_;
};

}  // namespace rnn_rates::train_rnn
