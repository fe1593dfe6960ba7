#pragma once

#include <cstddef>
#include <vector>

namespace rnn_rates::mpi {

/// Which tasks wait and how many each rank has in hand: what rank 0 keeps track of, without any messages.
/// Tasks are handed out by falling cost, equal ones in their order, which ends within 4/3 of the least
/// possible time (Graham, SIAM J. Appl. Math. 17, 1969).
class TaskQueue {
 public:
  /// `costs` are expected times in any unit.
  TaskQueue(const std::vector<double>& costs, std::size_t ranks);

  /// `rank` can work on `slots` tasks at once.
  void join(std::size_t rank, std::size_t slots);
  /// Indices of the tasks that `rank` is to get now: one a free slot, and, while many tasks wait, as many
  /// again to go on with before the next message.
  std::vector<std::size_t> hand_out(std::size_t rank);
  /// `rank` is done with one of its tasks.
  void finish(std::size_t rank);
  /// No further task is handed out.
  void close();

  std::size_t waiting() const { return order_.size() - next_; }
  /// True once nothing waits and nothing is in hand.
  bool done() const { return waiting() == 0 && in_hand_total_ == 0; }

 private:
  std::vector<std::size_t> order_;
  std::size_t next_ = 0;
  std::vector<std::size_t> slots_, in_hand_;
  std::size_t slots_total_ = 0, in_hand_total_ = 0;
};

}  // namespace rnn_rates::mpi
