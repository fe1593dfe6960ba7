#pragma once

#include <memory>
#include <string>
#include <vector>

#include "artifact/checkpoint_file.hpp"
#include "config/config.hpp"
#include "rnn/fused/fused_engine.hpp"
#include "rnn/torch_plugin.hpp"

namespace rnn_rates::train_rnn {

struct EngineChoice {
  EngineKind kind = EngineKind::fused;  ///< never automatic
  std::string isa;                      ///< instruction set; "" where the engine does not tell
  std::string device = "cpu";
};

/// The engine that the settings ask for: "auto" is fused on the CPU, LibTorch elsewhere. Throws Error(usage)
/// for an instruction set that this machine does not have.
EngineChoice choose_engine(const config::Execution& execution);

/// The engine to continue with from `checkpoint`, for the same result as without a stop: where the chosen
/// instruction set does other arithmetic and the settings leave it open, the checkpoint's. Throws
/// Error(input), with advice, for a checkpoint of the other engine, or of an instruction set that this
/// machine lacks or the settings exclude.
EngineChoice engine_to_continue(const artifact::FitCheckpoint& checkpoint, const EngineChoice& chosen,
                                Isa wanted, const std::vector<std::string>& usable);

/// Ranks on a node take its devices in turn: "cuda" is device `node_rank` modulo their number for the rank of
/// that number on its node. Anything else, and "cuda" where there is no device, stays as it is.
std::string device_of_rank(const std::string& device, int node_rank, int device_count);
/// The same with the devices that LibTorch finds.
std::string device_of_rank(const config::Execution& execution, int node_rank);

/// An engine of that choice for either network.
template <class Shape, class Options, class Data>
std::unique_ptr<rnn::Engine> make_engine(const EngineChoice& choice, const Shape& shape,
                                         const Options& options, const Data& train, const Data& validation,
                                         const std::vector<float>& weights) {
  if (choice.kind == EngineKind::fused)
    return rnn::make_fused_engine(shape, options, train, validation, weights, choice.isa);
  return rnn::load_torch_engine(
      rnn::EngineArguments<Shape, Options, Data>{shape, options, train, validation, weights});
}

}  // namespace rnn_rates::train_rnn
