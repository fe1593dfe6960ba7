#include "rnn/gru_forward.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "rnn/tensors.hpp"

namespace rnn_rates::rnn {
namespace {

/// One direction over rows (bin * trials + trial), into the columns of `states` from `column` on; the
/// formulas stand in fused/gru_recurrence.hpp.
void run_direction(Tensors& tensors, const Eigen::Ref<const Matrix>& inputs, Eigen::Index trials,
                   bool reverse, Eigen::Index column, Matrix& states) {
  const ConstMatrix weight_ih = tensors.matrix(), weight_hh = tensors.matrix();
  const ConstRow bias_ih = tensors.vector(), bias_hh = tensors.vector();
  const Eigen::Index hidden = weight_hh.cols(), bins = inputs.rows() / trials;
  const Matrix drives = (inputs * weight_ih.transpose()).rowwise() + bias_ih;
  Matrix state = Matrix::Zero(trials, hidden), recurrent(trials, 3 * hidden);
  for (Eigen::Index step = 0; step < bins; ++step) {
    const Eigen::Index row = (reverse ? bins - 1 - step : step) * trials;
    recurrent.noalias() = state * weight_hh.transpose();
    recurrent.rowwise() += bias_hh;
    for (Eigen::Index trial = 0; trial < trials; ++trial) {
      for (Eigen::Index i = 0; i < hidden; ++i) {
        const float r = sigmoid(drives(row + trial, i) + recurrent(trial, i));
        const float z = sigmoid(drives(row + trial, hidden + i) + recurrent(trial, hidden + i));
        const float n = std::tanh(drives(row + trial, 2 * hidden + i) + r * recurrent(trial, 2 * hidden + i));
        state(trial, i) = n + z * (state(trial, i) - n);
      }
    }
    states.block(row, column, trials, hidden) = state;
  }
}

}  // namespace

Array<float, 3> gru_inputs(const CountData& data, const Array<std::uint8_t, 3>& hidden, double probability) {
  const std::size_t trials = data.counts.extent(0), units = data.counts.extent(1),
                    bins = data.counts.extent(2), context = data.context.extent(1);
  const Array<float, 3> counts = observed_counts(data);
  const bool masked = hidden.size() > 0;
  const float kept = masked ? static_cast<float>(1.0 / (1.0 - probability)) : 1.0f;
  Array<float, 3> inputs({bins, trials, units + context});
  for (std::size_t bin = 0; bin < bins; ++bin) {
    for (std::size_t trial = 0; trial < trials; ++trial) {
      for (std::size_t unit = 0; unit < units; ++unit) {
        const float count = counts(trial, unit, bin);
        if (std::isnan(count) || (masked && hidden(trial, unit, bin) != 0)) continue;
        inputs(bin, trial, unit) = (count - data.mean[unit]) / data.scale[unit] * kept;
      }
      for (std::size_t i = 0; i < context; ++i) inputs(bin, trial, units + i) = data.context(trial, i, bin);
    }
  }
  return inputs;
}

GruOutput gru_forward(const GruShape& shape, std::span<const float> weights, const Array<float, 3>& inputs) {
  if (inputs.extent(2) != shape.inputs())
    throw Error(ErrorKind::bug, "the network has {} inputs, got {}", shape.inputs(), inputs.extent(2));
  const std::size_t bins = inputs.extent(0), trials = inputs.extent(1);
  const ConstMatrix rows(inputs.values().data(), index(bins * trials), index(shape.inputs()));
  Tensors tensors(parameters(shape), weights);
  Matrix states(rows.rows(), index(shape.states()));
  for (std::size_t direction = 0; trials > 0 && direction < shape.directions; ++direction)
    run_direction(tensors, rows, index(trials), direction == 1, index(direction * shape.hidden), states);
  const Matrix factors = states * tensors.matrix().transpose();
  const Matrix log_rates = tensors.linear(factors).cwiseMax(lowest_log_rate).cwiseMin(highest_log_rate);
  return {to_array(log_rates, bins, trials), to_array(factors, bins, trials)};
}

}  // namespace rnn_rates::rnn
