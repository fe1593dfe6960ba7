#pragma once

#include <algorithm>
#include <cstdlib>
#include <new>
#include <vector>

#include "rnn/fused/pass.hpp"

namespace rnn_rates::rnn::fused {

inline std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// Zeroed floats on cache lines; addresses stay while more are taken.
class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() {
    for (float* block : blocks_) std::free(block);
  }
  float* take(std::size_t count) {
    const std::size_t bytes = round_up((count + sum_lanes) * sizeof(float), 64);
    auto* block = static_cast<float*>(std::aligned_alloc(64, bytes));
    if (block == nullptr) throw std::bad_alloc();
    std::fill_n(block, bytes / sizeof(float), 0.0f);
    blocks_.push_back(block);
    return block;
  }

 private:
  std::vector<float*> blocks_;
};

}  // namespace rnn_rates::rnn::fused
