#include "rnn/torch/torch_engine.hpp"
#include "rnn/torch_plugin.hpp"

/// What lib/rnn/torch_plugin.cpp looks for.
extern "C" rnn_rates::rnn::Engine* rnn_rates_make_torch_engine(
    const rnn_rates::rnn::TorchEngineArguments* a) {
  return rnn_rates::rnn::make_torch_autoencoder_engine(a->shape, a->options, a->train, a->validation,
                                                       a->weights)
      .release();
}

extern "C" rnn_rates::rnn::Engine* rnn_rates_make_torch_gru_engine(
    const rnn_rates::rnn::TorchGruEngineArguments* a) {
  return rnn_rates::rnn::make_torch_gru_engine(a->shape, a->options, a->train, a->validation, a->weights)
      .release();
}

extern "C" int rnn_rates_cuda_device_count() { return rnn_rates::rnn::cuda_device_count(); }
