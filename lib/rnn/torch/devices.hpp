#pragma once

namespace rnn_rates::rnn {

/// CUDA devices that this LibTorch can use; 0 without CUDA.
int cuda_device_count();

}  // namespace rnn_rates::rnn
