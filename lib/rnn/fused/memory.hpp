#pragma once

#include <algorithm>
#include <cstdlib>
#include <memory>
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
  float* take(std::size_t count) {
    const std::size_t bytes = round_up((count + sum_lanes) * sizeof(float), 64);
    Block block(static_cast<float*>(std::aligned_alloc(64, bytes)));
    if (block == nullptr) throw std::bad_alloc();
    std::fill_n(block.get(), bytes / sizeof(float), 0.0f);
    return blocks_.emplace_back(std::move(block)).get();
  }

 private:
  struct Free {
    void operator()(float* block) const { std::free(block); }
  };
  using Block = std::unique_ptr<float[], Free>;
  std::vector<Block> blocks_;
};

}  // namespace rnn_rates::rnn::fused
