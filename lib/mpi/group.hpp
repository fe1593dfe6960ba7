#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rnn_rates::mpi {

/// Ranks that act together; alone, this process without MPI. The member functions that say so are for all
/// ranks of the group to call at once. They throw Error(runtime) where MPI fails.
class Group {
 public:
  Group() = default;

  int rank() const { return rank_; }
  int size() const { return size_; }

  /// The largest value over all ranks, on every rank. All call it.
  int max(int value) const;
  /// Every rank's text in rank order, on rank 0; empty elsewhere. All call it.
  std::vector<std::string> gather(const std::string& text) const;
  /// The text of rank `from`, on every rank. All call it.
  std::string broadcast(const std::string& text, int from = 0) const;
  /// Calls `work`; throws what it throws, or, where it threw on other ranks only, or something worse there
  /// than here, an Error of their kind; a stop is the least bad. So all ranks go on or none does. All call
  /// it.
  void on_all(const std::function<void()>& work) const;
  /// The ranks that give the same `colour`, in the order of their ranks here. All call it.
  Group split(int colour) const;
  /// The ranks that run on this rank's node. All call it.
  Group split_by_node() const;
  /// Ends all ranks of the job with this exit code; does nothing where there is no MPI.
  void abort(int exit_code) const;

 private:
  friend class Scope;
  friend class Mailbox;
  struct Handle;
  explicit Group(std::shared_ptr<const Handle> handle);

  std::shared_ptr<const Handle> handle_;  ///< null without MPI
  int rank_ = 0;
  int size_ = 1;
};

/// Name and version of the MPI that is loaded, such as "Open MPI v4.1.4". MPI need not run.
std::string library_version();

}  // namespace rnn_rates::mpi
