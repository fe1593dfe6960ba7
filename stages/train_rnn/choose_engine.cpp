#include "train_rnn/choose_engine.hpp"

#include "core/error.hpp"
#include "rnn/torch/torch_engine.hpp"

namespace rnn_rates::train_rnn {

EngineChoice choose_engine(const config::Train& train) {
  if (train.engine == "fused") throw Error(ErrorKind::config, "train.engine = \"fused\": not in this build");
  return {"libtorch", ""};
}

std::unique_ptr<rnn::Engine> make_engine(const EngineChoice&, const rnn::NetworkShape& shape,
                                         const rnn::EngineOptions& options, const rnn::SequenceData& train,
                                         const rnn::SequenceData& validation,
                                         const std::vector<float>& weights) {
  return rnn::make_torch_engine(shape, options, train, validation, weights);
}

}  // namespace rnn_rates::train_rnn
