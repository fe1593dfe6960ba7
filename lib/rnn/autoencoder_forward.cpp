#include "rnn/autoencoder_forward.hpp"

#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "rnn/tensors.hpp"

namespace rnn_rates::rnn {
namespace {

void apply_sigmoid(Matrix& values) {
  values = values.unaryExpr([](float x) { return sigmoid(x); });
}

/// One tanh layer over rows (bin * trials + trial): h[bin] = tanh(W_ih x[bin] + b_ih + W_hh h[bin - 1] +
/// b_hh).
Matrix recurrent_layer(Tensors& tensors, const Matrix& inputs, Eigen::Index trials) {
  const ConstMatrix weight_ih = tensors.matrix(), weight_hh = tensors.matrix();
  const ConstRow bias_ih = tensors.vector(), bias_hh = tensors.vector();
  Matrix states = (inputs * weight_ih.transpose()).rowwise() + (bias_ih + bias_hh);
  for (Eigen::Index row = 0; row < states.rows(); row += trials) {
    auto now = states.middleRows(row, trials);
    if (row > 0) now += states.middleRows(row - trials, trials) * weight_hh.transpose();
    now = now.unaryExpr([](float x) { return std::tanh(x); });
  }
  return states;
}

}  // namespace

AutoencoderOutput forward(const AutoencoderShape& shape, std::span<const float> weights,
                          const Array<float, 3>& inputs) {
  if (inputs.extent(2) != shape.inputs)
    throw Error(ErrorKind::bug, "the network has {} inputs, the data {}", shape.inputs, inputs.extent(2));
  const std::size_t bins = inputs.extent(0), trials = inputs.extent(1);
  Tensors tensors(parameters(shape), weights);
  Matrix rows = tensors.linear(ConstMatrix(inputs.data(), index(bins * trials), index(shape.inputs)));
  apply_sigmoid(rows);
  rows = tensors.linear(rows);
  apply_sigmoid(rows);
  for (std::size_t layer = 0; layer < shape.layers; ++layer)
    rows = recurrent_layer(tensors, rows, index(trials));
  const Matrix latents = rows;
  rows = tensors.linear(rows);
  apply_sigmoid(rows);
  return {to_array(tensors.linear(rows), bins, trials), to_array(latents, bins, trials)};
}

}  // namespace rnn_rates::rnn
