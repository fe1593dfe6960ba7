#include "train_rnn/choose_engine.hpp"

#include "rnn/fused/fused_engine.hpp"
#include "rnn/fused/fused_gru_engine.hpp"
#include "rnn/torch_plugin.hpp"

namespace rnn_rates::train_rnn {

EngineChoice choose_engine(const config::Train& train) {
  const bool fused = train.engine == "fused" || (train.engine == "auto" && train.device == "cpu");
  return fused ? EngineChoice{"fused", rnn::best_isa()} : EngineChoice{"libtorch", ""};
}

std::unique_ptr<rnn::Engine> make_engine(const EngineChoice& choice, const rnn::NetworkShape& shape,
                                         const rnn::EngineOptions& options, const rnn::SequenceData& train,
                                         const rnn::SequenceData& validation,
                                         const std::vector<float>& weights) {
  return choice.name == "fused"
             ? rnn::make_fused_engine(shape, options, train, validation, weights)
             : rnn::load_torch_engine(rnn::TorchEngineArguments{shape, options, train, validation, weights});
}

std::unique_ptr<rnn::Engine> make_engine(const EngineChoice& choice, const rnn::GruShape& shape,
                                         const rnn::MaskedGruOptions& options, const rnn::CountData& train,
                                         const rnn::CountData& validation,
                                         const std::vector<float>& weights) {
  return choice.name == "fused" ? rnn::make_fused_gru_engine(shape, options, train, validation, weights)
                                : rnn::load_torch_engine(rnn::TorchGruEngineArguments{shape, options, train,
                                                                                      validation, weights});
}

}  // namespace rnn_rates::train_rnn
