#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rnn_rates::rnn {

/// One named tensor inside a network's flat weight vector. Names and shapes are PyTorch's.
struct Parameter {
  std::string name;                ///< such as "rnn.weight_hh_l0"
  std::vector<std::size_t> shape;  ///< row-major, (out, in) for a weight, (out) for a bias
  std::size_t offset;              ///< of the first element in the flat vector
  double initial_range;            ///< initial values are uniform in +- this

  std::size_t size() const;
  bool is_bias() const { return shape.size() == 1; }
};

/// Builds the list of a network's parameters, one after another in the flat vector.
class ParameterList {
 public:
  void add(std::string name, std::vector<std::size_t> shape, double initial_range);
  /// Weight (outputs, inputs) and bias (outputs) with PyTorch's default range 1/sqrt(inputs).
  void add_linear(const std::string& name, std::size_t inputs, std::size_t outputs);
  std::vector<Parameter> take() { return std::move(list_); }

 private:
  std::vector<Parameter> list_;
  std::size_t offset_ = 0;
};

/// Elements of the flat weight vector.
std::size_t parameter_count(std::span<const Parameter> parameters);

/// Initial weights drawn from `seed`, equal on every platform.
std::vector<float> initial_weights(std::span<const Parameter> parameters, std::uint64_t seed);

}  // namespace rnn_rates::rnn
