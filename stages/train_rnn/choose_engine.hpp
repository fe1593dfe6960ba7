#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "rnn/engine.hpp"
#include "rnn/gru_network.hpp"
#include "rnn/masked_counts.hpp"

namespace rnn_rates::train_rnn {

struct EngineChoice {
  EngineKind kind = EngineKind::fused;  ///< never automatic
  std::string isa;                      ///< instruction set that the engine chose; "" where it does not tell
};

/// The engine that the settings ask for: "auto" is fused on the CPU, LibTorch elsewhere.
EngineChoice choose_engine(const config::Execution& execution);

/// Ranks on a node take its devices in turn: "cuda" is device `node_rank` modulo their number for the rank of
/// that number on its node. Anything else, and "cuda" where there is no device, stays as it is.
std::string device_of_rank(const std::string& device, int node_rank, int device_count);
/// The same with the devices that LibTorch finds.
std::string device_of_rank(const config::Execution& execution, int node_rank);

std::unique_ptr<rnn::Engine> make_engine(const EngineChoice& choice, const rnn::NetworkShape& shape,
                                         const rnn::EngineOptions& options, const rnn::SequenceData& train,
                                         const rnn::SequenceData& validation,
                                         const std::vector<float>& weights);
std::unique_ptr<rnn::Engine> make_engine(const EngineChoice& choice, const rnn::GruShape& shape,
                                         const rnn::MaskedGruOptions& options, const rnn::CountData& train,
                                         const rnn::CountData& validation, const std::vector<float>& weights);

}  // namespace rnn_rates::train_rnn
