#pragma once

#include <Eigen/Core>
#include <cmath>
#include <span>
#include <vector>

#include "core/array.hpp"
#include "core/error.hpp"
#include "rnn/parameter.hpp"

// What the plain forward passes share.

namespace rnn_rates::rnn {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMatrix = Eigen::Map<const Matrix>;
using ConstRow = Eigen::Map<const Eigen::RowVectorXf>;

inline Eigen::Index index(std::size_t count) { return static_cast<Eigen::Index>(count); }

/// The flat weight vector seen as PyTorch's tensors, taken one after another in the order of parameters().
class Tensors {
 public:
  /// Throws Error(bug) unless there is a weight for each parameter.
  Tensors(std::vector<Parameter> parameters, std::span<const float> weights)
      : parameters_(std::move(parameters)), weights_(weights) {
    if (const std::size_t count = parameter_count(parameters_); count != weights.size())
      throw Error(ErrorKind::bug, "the network has {} weights, got {}", count, weights.size());
  }

  ConstMatrix matrix() {
    const Parameter& next = parameters_[next_++];
    return {weights_.data() + next.offset, index(next.shape[0]), index(next.shape[1])};
  }
  ConstRow vector() {
    const Parameter& next = parameters_[next_++];
    return {weights_.data() + next.offset, index(next.shape[0])};
  }
  /// Rows through the linear layer whose weight and bias come next.
  Matrix linear(const Eigen::Ref<const Matrix>& rows) {
    const ConstMatrix weight = matrix();
    const ConstRow bias = vector();
    return (rows * weight.transpose()).rowwise() + bias;
  }

 private:
  std::vector<Parameter> parameters_;
  std::span<const float> weights_;
  std::size_t next_ = 0;
};

inline float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

/// Rows bin * trials + trial as (bin, trial, feature).
inline Array<float, 3> to_array(const Matrix& rows, std::size_t bins, std::size_t trials) {
  return {{bins, trials, static_cast<std::size_t>(rows.cols())},
          std::vector<float>(rows.data(), rows.data() + rows.size())};
}

}  // namespace rnn_rates::rnn
