#include "mpi/task_queue.hpp"

#include <algorithm>
#include <numeric>

namespace rnn_rates::mpi {

TaskQueue::TaskQueue(const std::vector<double>& costs, std::size_t ranks)
    : order_(costs.size()), slots_(ranks, 0), in_hand_(ranks, 0) {
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(),
                   [&](std::size_t a, std::size_t b) { return costs[a] > costs[b]; });
}

void TaskQueue::join(std::size_t rank, std::size_t slots) {
  slots_total_ += slots - slots_[rank];
  slots_[rank] = slots;
}

std::vector<std::size_t> TaskQueue::hand_out(std::size_t rank) {
  std::vector<std::size_t> given;
  while (waiting() > 0) {
    const bool many = waiting() > 4 * slots_total_;
    if (in_hand_[rank] >= slots_[rank] * (many ? 2 : 1)) break;
    given.push_back(order_[next_++]);
    ++in_hand_[rank];
    ++in_hand_total_;
  }
  return given;
}

void TaskQueue::finish(std::size_t rank) {
  --in_hand_[rank];
  --in_hand_total_;
}

void TaskQueue::close() { next_ = order_.size(); }

}  // namespace rnn_rates::mpi
