#include "session/spike_times.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"

namespace rnn_rates::session {
namespace {

constexpr std::size_t block_size = 1024;

}  // namespace

UnitTimes::UnitTimes(std::shared_ptr<const h5::Dataset> times, std::size_t first, std::size_t count)
    : times_(std::move(times)), first_(first), count_(count), blocks_((count + block_size - 1) / block_size) {
  std::vector<double> block;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    read_block(i, block);
    for (const double time : block) {
      if (!std::isfinite(time)) {
        throw Error(ErrorKind::input, "{}: holds the time {}, expected a number", times_->where(), time);
      }
      blocks_[i].least = std::min(blocks_[i].least, time);
      blocks_[i].greatest = std::max(blocks_[i].greatest, time);
    }
  }
}

void UnitTimes::read_block(std::size_t block, std::vector<double>& into) const {
  const std::array<std::size_t, 1> start{first_ + block * block_size};
  const std::array<std::size_t, 1> count{std::min(block_size, count_ - block * block_size)};
  into.resize(count[0]);
  times_->read_block<double>(start, count, into);
}

void UnitTimes::visit(double from, double to, std::vector<double>& buffer,
                      const std::function<void(double)>& visit) const {
  for (std::size_t block = 0; block < blocks_.size(); ++block) {
    if (blocks_[block].greatest < from || blocks_[block].least > to) continue;
    read_block(block, buffer);
    for (const double time : buffer) {
      if (time >= from && time <= to) visit(time);
    }
  }
}

double UnitTimes::last() const {
  double last = -std::numeric_limits<double>::infinity();
  for (const Range& block : blocks_) last = std::max(last, block.greatest);
  return last;
}

}  // namespace rnn_rates::session
