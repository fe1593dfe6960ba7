#include "rnn/torch/devices.hpp"

#include <torch/cuda.h>

namespace rnn_rates::rnn {

int cuda_device_count() {
  return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
}

}  // namespace rnn_rates::rnn
