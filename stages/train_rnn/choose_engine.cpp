#include "train_rnn/choose_engine.hpp"

#include <fmt/format.h>

#include "rnn/fused/fused_engine.hpp"
#include "rnn/fused/fused_gru_engine.hpp"
#include "rnn/torch_plugin.hpp"

namespace rnn_rates::train_rnn {

EngineChoice choose_engine(const config::Execution& execution) {
  const bool fused = execution.engine == EngineKind::fused ||
                     (execution.engine == EngineKind::automatic && execution.device == "cpu");
  return fused ? EngineChoice{EngineKind::fused, rnn::best_isa()} : EngineChoice{EngineKind::libtorch, ""};
}

std::string device_of_rank(const std::string& device, int node_rank, int device_count) {
  return device == "cuda" && device_count > 0 ? fmt::format("cuda:{}", node_rank % device_count) : device;
}

std::string device_of_rank(const config::Execution& execution, int node_rank) {
  const std::string& device = execution.device;
  const bool ask = device == "cuda" && choose_engine(execution).kind == EngineKind::libtorch;
  return ask ? device_of_rank(device, node_rank, rnn::torch_cuda_device_count()) : device;
}

std::unique_ptr<rnn::Engine> make_engine(const EngineChoice& choice, const rnn::NetworkShape& shape,
                                         const rnn::EngineOptions& options, const rnn::SequenceData& train,
                                         const rnn::SequenceData& validation,
                                         const std::vector<float>& weights) {
  return choice.kind == EngineKind::fused
             ? rnn::make_fused_engine(shape, options, train, validation, weights)
             : rnn::load_torch_engine(rnn::TorchEngineArguments{shape, options, train, validation, weights});
}

std::unique_ptr<rnn::Engine> make_engine(const EngineChoice& choice, const rnn::GruShape& shape,
                                         const rnn::MaskedGruOptions& options, const rnn::CountData& train,
                                         const rnn::CountData& validation,
                                         const std::vector<float>& weights) {
  return choice.kind == EngineKind::fused
             ? rnn::make_fused_gru_engine(shape, options, train, validation, weights)
             : rnn::load_torch_engine(
                   rnn::TorchGruEngineArguments{shape, options, train, validation, weights});
}

}  // namespace rnn_rates::train_rnn
