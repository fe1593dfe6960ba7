#pragma once

namespace rnn_rates::rnn {

/// Constants of Adam (Kingma and Ba 2015) that every engine uses.
constexpr double adam_beta1 = 0.9, adam_beta2 = 0.999, adam_epsilon = 1e-8;

}  // namespace rnn_rates::rnn
