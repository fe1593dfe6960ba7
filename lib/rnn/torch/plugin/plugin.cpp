#include "rnn/torch/torch_engine.hpp"
#include "rnn/torch_plugin.hpp"

using namespace rnn_rates::rnn;

/// What lib/rnn/torch_plugin.cpp looks for.
extern "C" Engine* rnn_rates_make_torch_engine(const AutoencoderArguments* a) {
  return make_torch_engine(a->shape, a->options, a->train, a->validation, a->weights).release();
}

extern "C" Engine* rnn_rates_make_torch_gru_engine(const GruArguments* a) {
  return make_torch_engine(a->shape, a->options, a->train, a->validation, a->weights).release();
}

extern "C" int rnn_rates_cuda_device_count() { return cuda_device_count(); }
