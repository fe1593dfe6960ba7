// Compiled once for each instruction set, RNN_RATES_KERNEL being the name of that build's kernel.

#include <cmath>

#include "rnn/fused/dropout_rows.hpp"
#include "rnn/fused/recurrence.hpp"

namespace rnn_rates::rnn::fused {
namespace {

Rows chunk_rows(const float* chunked, std::size_t features, std::size_t chunk) {
  return {chunked + chunk * features * chunk_lanes, chunk_lanes};
}

Rows row_chunk(const Sizes& s, const float* rows, std::size_t chunk) {
  return {rows + chunk * chunk_lanes, s.row_lanes};
}

/// Lanes of a chunk: all, but for the last one.
std::size_t lanes_of(const Sizes& s, std::size_t chunk) {
  return chunk + 1 < s.chunks ? chunk_lanes : s.lanes - chunk * chunk_lanes;
}

void transpose(const Linear& layer, const Pass& p) {
  for (std::size_t out = 0; out < layer.out; ++out) {
    for (std::size_t in = 0; in < layer.in; ++in) {
      p.transposed[layer.weight + in * layer.out + out] = p.parameters[layer.weight + out * layer.in + in];
    }
  }
}

void transpose_all(const Pass& p) {
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
void add_gradient(const Pass& p, const Linear& layer, Rows gradient, Rows in, std::size_t lanes) {
  outer_product(gradient, layer.out, in, layer.in, lanes, p.sums + layer.weight * most_vector_lanes);
  add_rows(gradient, layer.out, lanes, p.sums + layer.bias * most_vector_lanes);
}

/// Encoder, and W_ih x + b_ih + b_hh of the first recurrent layer.
void encode(const Pass& p, const float* both_biases) {
  const Sizes& s = p.sizes;
  for (std::size_t chunk = 0; chunk < s.chunks; ++chunk) {
    const std::size_t n = lanes_of(s, chunk);
    const std::size_t first = chunk * chunk_lanes;
    float* mid = p.encoder_mid + chunk * s.encoder_mid * chunk_lanes;
    forward(
        p, s.encoder[0], chunk_rows(p.inputs, s.inputs, chunk), n, p.parameters + s.encoder[0].bias,
        [&](std::size_t m, std::size_t lane, Vector x) { store(mid + m * chunk_lanes + lane, sigmoid(x)); });
    forward(p, s.encoder[1], {mid, chunk_lanes}, n, p.parameters + s.encoder[1].bias,
            [&](std::size_t m, std::size_t lane, Vector x) {
              const std::size_t at = m * s.row_lanes + first + lane;
              const Vector encoded = sigmoid(x);
              store(p.encoded + at, encoded);
              store(p.layer_input[0] + at,
                    p.dropout[0] != nullptr ? encoded * load(p.dropout[0] + at) : encoded);
            });
    forward(p, s.input_to_hidden[0], row_chunk(s, p.layer_input[0], chunk), n, both_biases,
            [&](std::size_t m, std::size_t lane, Vector x) {
              store(p.drive + m * s.row_lanes + first + lane, x);
            });
  }
}

/// b_ih + b_hh of a recurrent layer into `sum`.
void add_biases(const Pass& p, std::size_t l, float* sum) {
  for (std::size_t i = 0; i < p.sizes.hidden; ++i) {
    sum[i] = p.parameters[p.sizes.input_to_hidden[l].bias + i] +
             p.parameters[p.sizes.hidden_to_hidden[l].bias + i];
  }
}

/// Dropout of the layer below's states, and W_ih x + b_ih + b_hh.
void drive_layer(const Pass& p, std::size_t l, const float* both_biases) {
  const Sizes& s = p.sizes;
  for (std::size_t chunk = 0; chunk < s.chunks; ++chunk) {
    const std::size_t n = lanes_of(s, chunk);
    const std::size_t first = chunk * chunk_lanes;
    for (std::size_t m = 0; m < s.hidden; ++m) {
      for (std::size_t lane = 0; lane < n; lane += vector_lanes) {
        const std::size_t at = m * s.row_lanes + first + lane;
        const Vector below = load(p.state[l - 1] + at);
        store(p.layer_input[l] + at, p.dropout[l] != nullptr ? below * load(p.dropout[l] + at) : below);
      }
    }
    forward(p, s.input_to_hidden[l], row_chunk(s, p.layer_input[l], chunk), n, both_biases,
            [&](std::size_t m, std::size_t lane, Vector x) {
              store(p.drive + m * s.row_lanes + first + lane, x);
            });
  }
}

/// Decoder, squared error e^2 with e = y - target, and, on the way back, g = 2 e / (lanes outputs) through
/// the decoder to dL/dh of the last recurrent layer. Returns the sum of e^2.
double decode(const Pass& p, bool with_backward) {
  const Sizes& s = p.sizes;
  const float* top = p.state[s.layers - 1];
  const float scale = 2.0f / (static_cast<float>(s.bins * s.trials) * static_cast<float>(s.outputs));
  float *mid = p.chunk_scratch[0], *error = p.chunk_scratch[1], *mid_gradient = p.chunk_scratch[2];
  double total = 0;
  for (std::size_t chunk = 0; chunk < s.chunks; ++chunk) {
    const std::size_t n = lanes_of(s, chunk);
    const std::size_t first = chunk * chunk_lanes;
    const float* target = p.targets + chunk * s.outputs * chunk_lanes;
    forward(
        p, s.decoder[0], row_chunk(s, top, chunk), n, p.parameters + s.decoder[0].bias,
        [&](std::size_t m, std::size_t lane, Vector x) { store(mid + m * chunk_lanes + lane, sigmoid(x)); });
    Vector squares = 0.0f;
    forward(p, s.decoder[1], {mid, chunk_lanes}, n, p.parameters + s.decoder[1].bias,
            [&](std::size_t m, std::size_t lane, Vector y) {
              const std::size_t at = m * chunk_lanes + lane;
              const Vector e = (y - load(target + at)) * load(p.lane_weight + first + lane);
              squares += e * e;
              store(error + at, e * scale);
            });
    alignas(64) float lanes[vector_lanes];
    store(lanes, squares);
    total += static_cast<double>(sum(lanes));
    if (!with_backward) continue;
    add_gradient(p, s.decoder[1], {error, chunk_lanes}, {mid, chunk_lanes}, n);
    backward(p, s.decoder[1], {error, chunk_lanes}, n, [&](std::size_t m, std::size_t lane, Vector g) {
      const Vector a = load(mid + m * chunk_lanes + lane);
      store(mid_gradient + m * chunk_lanes + lane, g * a * (1.0f - a));
    });
    add_gradient(p, s.decoder[0], {mid_gradient, chunk_lanes}, row_chunk(s, top, chunk), n);
    backward(p, s.decoder[0], {mid_gradient, chunk_lanes}, n, [&](std::size_t m, std::size_t lane, Vector g) {
      store(p.state_gradient + m * s.row_lanes + first + lane, g);
    });
  }
  return total;
}

/// Back through the recurrent layers: dL/dW_hh = sum over bins of d(t) h(t-1)^T, dL/dW_ih = d x^T, and
/// dL/dh of the layer below = (W_ih^T d) times its dropout.
void recurrent_backward(const Pass& p) {
  const Sizes& s = p.sizes;
  for (std::size_t l = s.layers; l-- > 0;) {
    recurrence_backward(s, p.parameters + s.hidden_to_hidden[l].weight, p.state[l], p.state_gradient,
                        p.drive_gradient);
    const Rows drive{p.drive_gradient, s.row_lanes};
    for (std::size_t chunk = 0; chunk < s.chunks; ++chunk) {
      const std::size_t n = lanes_of(s, chunk);
      add_gradient(p, s.input_to_hidden[l], row_chunk(s, p.drive_gradient, chunk),
                   row_chunk(s, p.layer_input[l], chunk), n);
      if (l == 0) continue;
      backward(p, s.input_to_hidden[l], row_chunk(s, p.drive_gradient, chunk), n,
               [&](std::size_t m, std::size_t lane, Vector g) {
                 const std::size_t at = m * s.row_lanes + chunk * chunk_lanes + lane;
                 store(p.state_gradient + at, p.dropout[l] != nullptr ? g * load(p.dropout[l] + at) : g);
               });
    }
    outer_product({drive.values + s.lane_trials, s.row_lanes}, s.hidden, {p.state[l], s.row_lanes}, s.hidden,
                  s.lanes - s.lane_trials, p.sums + s.hidden_to_hidden[l].weight * most_vector_lanes);
  }
}

void encoder_backward(const Pass& p) {
  const Sizes& s = p.sizes;
  float *encoded_gradient = p.chunk_scratch[0], *mid_gradient = p.chunk_scratch[1];
  for (std::size_t chunk = 0; chunk < s.chunks; ++chunk) {
    const std::size_t n = lanes_of(s, chunk);
    const float* mid = p.encoder_mid + chunk * s.encoder_mid * chunk_lanes;
    backward(p, s.input_to_hidden[0], row_chunk(s, p.drive_gradient, chunk), n,
             [&](std::size_t m, std::size_t lane, Vector g) {
               const std::size_t at = m * s.row_lanes + chunk * chunk_lanes + lane;
               const Vector a = load(p.encoded + at);
               if (p.dropout[0] != nullptr) g *= load(p.dropout[0] + at);
               store(encoded_gradient + m * chunk_lanes + lane, g * a * (1.0f - a));
             });
    add_gradient(p, s.encoder[1], {encoded_gradient, chunk_lanes}, {mid, chunk_lanes}, n);
    backward(p, s.encoder[1], {encoded_gradient, chunk_lanes}, n,
             [&](std::size_t m, std::size_t lane, Vector g) {
               const Vector a = load(mid + m * chunk_lanes + lane);
               store(mid_gradient + m * chunk_lanes + lane, g * a * (1.0f - a));
             });
    add_gradient(p, s.encoder[0], {mid_gradient, chunk_lanes}, chunk_rows(p.inputs, s.inputs, chunk), n);
  }
}

void gather_gradient(const Pass& p) {
  for (std::size_t i = 0; i < p.sizes.parameters; ++i) p.gradient[i] = sum(p.sums + i * most_vector_lanes);
  // Both biases of a recurrent layer are added to the same sum.
  for (std::size_t l = 0; l < p.sizes.layers; ++l) {
    for (std::size_t i = 0; i < p.sizes.hidden; ++i) {
      p.gradient[p.sizes.hidden_to_hidden[l].bias + i] = p.gradient[p.sizes.input_to_hidden[l].bias + i];
    }
  }
}

double run(const Pass& p, bool with_backward) {
  const Sizes& s = p.sizes;
  transpose_all(p);
  float* both_biases = p.chunk_scratch[3];
  for (std::size_t l = 0; l < s.layers; ++l) {
    add_biases(p, l, both_biases);
    l == 0 ? encode(p, both_biases) : drive_layer(p, l, both_biases);
    recurrence_forward(s, p.transposed + s.hidden_to_hidden[l].weight, p.drive, p.state[l]);
  }
  if (with_backward) {
    for (std::size_t i = 0; i < s.parameters * most_vector_lanes; ++i) p.sums[i] = 0.0f;
  }
  const double squares = decode(p, with_backward);
  if (with_backward) {
    recurrent_backward(p);
    encoder_backward(p);
    gather_gradient(p);
  }
  return squares / (static_cast<double>(s.bins * s.trials) * static_cast<double>(s.outputs));
}

void draw_dropout(const Pass& p, std::uint64_t seed, std::uint32_t step, double probability) {
  const Sizes& s = p.sizes;
  for (std::size_t l = 0; l < s.layers; ++l) {
    for (std::size_t m = 0; m < s.hidden; ++m) {
      float* row = p.dropout[l] + m * s.row_lanes;
      dropout_row(seed, step, static_cast<std::uint32_t>(l), static_cast<std::uint32_t>(m), probability,
                  s.bins * s.trials, row);
      // With padded trials the factors move to their lanes, last first as they move up.
      for (std::size_t bin = s.lane_trials != s.trials ? s.bins : 0; bin-- > 0;) {
        for (std::size_t trial = s.trials; trial-- > 0;)
          row[bin * s.lane_trials + trial] = row[bin * s.trials + trial];
      }
    }
  }
}

/// m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, w -= rate / c1 * m / (sqrt(v / c2) + eps) with c = 1 -
/// b^step (Kingma and Ba, 2015), rounded as torch.optim.Adam does.
void adam(std::size_t count, const AdamStep& step, const float* gradient, float* weights, float* moment1,
          float* moment2) {
  constexpr float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f;
  const float rate = static_cast<float>(static_cast<double>(step.learning_rate) / step.correction1);
  const float root = static_cast<float>(1.0 / std::sqrt(step.correction2));
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
const Kernel RNN_RATES_KERNEL{RNN_RATES_ISA, vector_lanes, draw_dropout, run, adam, &RNN_RATES_GRU_KERNEL};

}  // namespace rnn_rates::rnn::fused
