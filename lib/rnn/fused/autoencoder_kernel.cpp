// Compiled once for each instruction set, RNN_RATES_KERNEL being the name of that build's kernel.

#include <algorithm>
#include <cmath>
#include <utility>

#include "rnn/adam.hpp"
#include "rnn/fused/autoencoder_recurrence.hpp"
#include "rnn/fused/dropout_rows.hpp"

namespace rnn_rates::rnn::fused {
namespace {

/// Features of a chunk, in a chunked array and in rows of all lanes.
Rows chunk_rows(const Sizes& s, const float* chunked, std::size_t features, std::size_t chunk) {
  return {chunked + chunk * features * s.chunk_stride, s.chunk_stride};
}

Rows row_chunk(const Sizes& s, const float* rows, std::size_t chunk) {
  return {rows + chunk * s.chunk_lanes, s.row_lanes};
}

/// Lanes of a chunk: all, but for the last one.
std::size_t lanes_of(const Sizes& s, std::size_t chunk) {
  return std::min(s.chunk_lanes, s.lanes - chunk * s.chunk_lanes);
}

void transpose(const Linear& layer, const Pass& p) {
  transpose(p.parameters + layer.weight, layer.out, layer.in, p.transposed + layer.weight);
}

void begin(const Pass& p) {
  for (const Linear& layer : p.sizes.encoder) transpose(layer, p);
  for (const Linear& layer : p.sizes.decoder) transpose(layer, p);
  for (std::size_t l = 0; l < p.sizes.layers; ++l) {
    transpose(p.sizes.input_to_hidden[l], p);
    transpose(p.sizes.hidden_to_hidden[l], p);
  }
}

/// W x + b of a linear layer.
template <class Finish>
void forward(const Pass& p, const Linear& layer, Rows in, std::size_t lanes, const float* bias,
             Finish&& finish) {
  product(p.transposed + layer.weight, layer.out, layer.out, layer.in, in, lanes, bias, finish);
}

/// W^T g: what a gradient g at the layer's output is at its input.
template <class Finish>
void backward(const Pass& p, const Linear& layer, Rows gradient, std::size_t lanes, Finish&& finish) {
  product(p.parameters + layer.weight, layer.in, layer.in, layer.out, gradient, lanes, nullptr, finish);
}

/// Adds dL/dW = g x^T and dL/db = g, summed over lanes.
void add_gradient(const Pass& p, const Linear& layer, Rows gradient, Rows in, std::size_t lanes, Sums mode) {
  outer_product(gradient, layer.out, in, layer.in, 1, lanes, mode, p.sums + layer.weight * sum_lanes,
                p.sums + layer.bias * sum_lanes);
}

/// The first chunk of the first group begins sums.
Sums mode_of(const Pass& p, std::size_t chunk) { return p.first && chunk == 0 ? Sums::begin : Sums::add; }

/// Input of the first recurrent layer: encoder and dropout.
void encode(const Pass& p) {
  const Sizes& s = p.sizes;
  const std::size_t chunk_stride = s.chunk_stride, row_lanes = s.row_lanes;
  for (std::size_t chunk = 0; chunk < s.chunks; ++chunk) {
    const std::size_t n = lanes_of(s, chunk);
    const Rows in = chunk_rows(s, p.inputs, s.inputs, chunk);
    float* mid = p.encoder_mid + chunk * s.encoder_mid * chunk_stride;
    forward(
        p, s.encoder[0], in, n, p.parameters + s.encoder[0].bias,
        [=](std::size_t m, std::size_t lane, Vector x) { store(mid + m * chunk_stride + lane, sigmoid(x)); });
    float* encoded = p.layer_input[0] + chunk * s.chunk_lanes;
    const float* dropout = p.dropout[0] != nullptr ? p.dropout[0] + chunk * s.chunk_lanes : nullptr;
    forward(p, s.encoder[1], {mid, chunk_stride}, n, p.parameters + s.encoder[1].bias,
            [=](std::size_t m, std::size_t lane, Vector x) {
              const std::size_t at = m * row_lanes + lane;
              const Vector value = sigmoid(x);
              store(encoded + at, dropout != nullptr ? value * load(dropout + at) : value);
            });
  }
}

/// Decoder and squared error; on the way back, with e = y - target, or 0 without a target, g = 2 e / (number
/// of targets) through the decoder to dL/dh of the last recurrent layer. Returns the group's part of the mean
/// of e^2, which is the sum of g^2 / (2 weight) as g = weight e.
double decode(const Pass& p, bool with_backward) {
  const Sizes& s = p.sizes;
  const std::size_t chunk_stride = s.chunk_stride, row_lanes = s.row_lanes;
  float *mid = p.chunk_scratch[0], *error = p.chunk_scratch[1], *mid_gradient = p.chunk_scratch[2];
  const Rows mid_rows{mid, chunk_stride}, error_rows{error, chunk_stride};
  const Rows mid_gradient_rows{mid_gradient, chunk_stride};
  double squares = 0;
  for (std::size_t chunk = 0; chunk < s.chunks; ++chunk) {
    const std::size_t n = lanes_of(s, chunk), first = chunk * s.chunk_lanes;
    const Rows top = row_chunk(s, p.state[s.layers - 1], chunk);
    forward(
        p, s.decoder[0], top, n, p.parameters + s.decoder[0].bias,
        [=](std::size_t m, std::size_t lane, Vector x) { store(mid + m * chunk_stride + lane, sigmoid(x)); });
    const float* target = p.targets + chunk * s.outputs * chunk_stride;
    const float* weight = p.lane_weight + first;
    forward(p, s.decoder[1], mid_rows, n, p.parameters + s.decoder[1].bias,
            [=](std::size_t m, std::size_t lane, Vector y) {
              const std::size_t at = m * chunk_stride + lane;
              Vector e = y - load(target + at);
              where(stdx::isnan(load(target + at)), e) = 0.0f;
              store(error + at, e * load(weight + lane));
            });
    squares += static_cast<double>(sum_of_squares(error_rows, s.outputs, n));
    if (!with_backward) continue;
    add_gradient(p, s.decoder[1], error_rows, mid_rows, n, mode_of(p, chunk));
    backward(p, s.decoder[1], error_rows, n, [=](std::size_t m, std::size_t lane, Vector g) {
      const Vector a = load(mid + m * chunk_stride + lane);
      store(mid_gradient + m * chunk_stride + lane, g * a * (1.0f - a));
    });
    add_gradient(p, s.decoder[0], mid_gradient_rows, top, n, mode_of(p, chunk));
    float* state_gradient = p.state_gradient[0] + first;
    backward(p, s.decoder[0], mid_gradient_rows, n, [=](std::size_t m, std::size_t lane, Vector g) {
      store(state_gradient + m * row_lanes + lane, g);
    });
  }
  return squares / (2.0 * static_cast<double>(p.lane_weight[0]));
}

/// Back through the recurrent layers: dL/dW_hh = sum over bins of d(t) h(t-1)^T, dL/dW_ih = d x^T, and
/// dL/dh of the layer below = (W_ih^T d) times its dropout. Returns the rows of dL/d(what the encoder's last
/// sigmoid is taken of) = (W_ih^T d) times dropout, a (1 - a): with x = a times dropout, which is 0 or 1 /
/// kept, the latter three are x (1 - kept x).
const float* recurrent_backward(const Pass& p) {
  const Sizes& s = p.sizes;
  float *gradient = p.state_gradient[0], *below = p.state_gradient[1];
  const std::size_t row_lanes = s.row_lanes;
  for (std::size_t l = s.layers; l-- > 0;) {
    if (l > 0) {
      const float* dropout = p.dropout[l];
      recurrence_backward(p, l, gradient, [=]<class V>(std::size_t m, std::size_t lane, V g) {
        const std::size_t at = m * row_lanes + lane;
        store(below + at, dropout != nullptr ? g * load<V>(dropout + at) : g);
      });
    } else {
      const float* encoded = p.layer_input[0];
      const float kept = p.kept;
      recurrence_backward(p, l, gradient, [=]<class V>(std::size_t m, std::size_t lane, V g) {
        const std::size_t at = m * row_lanes + lane;
        const V x = load<V>(encoded + at);
        store(below + at, g * x * (1.0f - kept * x));
      });
    }
    add_gradient(p, s.input_to_hidden[l], {p.drive_gradient, row_lanes}, {p.layer_input[l], row_lanes},
                 s.lanes, mode_of(p, 0));
    outer_product({p.drive_gradient + s.lane_trials, row_lanes}, s.hidden, {p.state[l], row_lanes}, s.hidden,
                  1, s.lanes - s.lane_trials, mode_of(p, 0),
                  p.sums + s.hidden_to_hidden[l].weight * sum_lanes);
    std::swap(gradient, below);
  }
  return gradient;
}

/// Back through the encoder from dL/d(what its last sigmoid is taken of).
void encoder_backward(const Pass& p, const float* encoded_gradient) {
  const Sizes& s = p.sizes;
  const std::size_t chunk_stride = s.chunk_stride;
  float* mid_gradient = p.chunk_scratch[0];
  for (std::size_t chunk = 0; chunk < s.chunks; ++chunk) {
    const std::size_t n = lanes_of(s, chunk);
    const Rows gradient = row_chunk(s, encoded_gradient, chunk);
    const float* mid = p.encoder_mid + chunk * s.encoder_mid * chunk_stride;
    add_gradient(p, s.encoder[1], gradient, {mid, chunk_stride}, n, mode_of(p, chunk));
    backward(p, s.encoder[1], gradient, n, [=](std::size_t m, std::size_t lane, Vector g) {
      const Vector a = load(mid + m * chunk_stride + lane);
      store(mid_gradient + m * chunk_stride + lane, g * a * (1.0f - a));
    });
    add_gradient(p, s.encoder[0], {mid_gradient, chunk_stride}, chunk_rows(s, p.inputs, s.inputs, chunk), n,
                 mode_of(p, chunk));
  }
}

void finish(const Pass& p) {
  for (std::size_t i = 0; i < p.sizes.parameters; ++i) p.gradient[i] = sum(p.sums + i * sum_lanes);
  // Both biases of a recurrent layer are added to the same sum.
  for (std::size_t l = 0; l < p.sizes.layers; ++l) {
    for (std::size_t i = 0; i < p.sizes.hidden; ++i) {
      p.gradient[p.sizes.hidden_to_hidden[l].bias + i] = p.gradient[p.sizes.input_to_hidden[l].bias + i];
    }
  }
}

double run(const Pass& p, bool with_backward) {
  encode(p);
  for (std::size_t l = 0; l < p.sizes.layers; ++l) recurrence_forward(p, l);
  const double loss = decode(p, with_backward);
  if (with_backward) encoder_backward(p, recurrent_backward(p));
  return loss;
}

/// m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, w -= rate m / (sqrt(v) root + eps) (Kingma and Ba, 2015),
/// rounded as torch.optim.Adam does.
void adam(std::size_t count, float rate, float root, const float* gradient, float* weights, float* moment1,
          float* moment2) {
  constexpr auto beta1 = static_cast<float>(adam_beta1), beta2 = static_cast<float>(adam_beta2),
                 epsilon = static_cast<float>(adam_epsilon);
  for (std::size_t i = 0; i < count; ++i) {
    const float g = gradient[i];
    moment1[i] = moment1[i] * beta1 + g * (1.0f - beta1);
    moment2[i] = moment2[i] * beta2 + g * g * (1.0f - beta2);
    weights[i] -= rate * (moment1[i] / (std::sqrt(moment2[i]) * root + epsilon));
  }
}

}  // namespace

extern const GruKernel RNN_RATES_GRU_KERNEL;
extern const Kernel RNN_RATES_KERNEL;
const Kernel RNN_RATES_KERNEL{RNN_RATES_ISA, begin, run, finish, dropout_row, adam, &RNN_RATES_GRU_KERNEL};

}  // namespace rnn_rates::rnn::fused
