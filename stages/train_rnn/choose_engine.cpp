#include "train_rnn/choose_engine.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.hpp"

namespace rnn_rates::train_rnn {

EngineChoice choose_engine(const config::Execution& execution) {
  const bool fused = execution.engine == EngineKind::fused ||
                     (execution.engine == EngineKind::automatic && execution.device == "cpu");
  if (!fused) return {EngineKind::libtorch, "", execution.device};
  const std::vector<std::string> usable = rnn::usable_isas();
  const std::string isa =
      execution.isa == Isa::automatic && !usable.empty() ? usable.front() : std::string(word(execution.isa));
  if (std::find(usable.begin(), usable.end(), isa) == usable.end()) {
    throw Error(ErrorKind::usage, "train.isa = \"{}\": this machine has {}", isa, fmt::join(usable, ", "));
  }
  return {EngineKind::fused, isa, execution.device};
}

EngineChoice engine_to_continue(const artifact::FitCheckpoint& checkpoint, const EngineChoice& chosen,
                                Isa wanted, const std::vector<std::string>& usable) {
  if (checkpoint.engine != chosen.kind) {
    throw Error(ErrorKind::input,
                "the checkpoint after step {} was made by the engine {}, this run uses {}: continue with "
                "--engine {}, or start over with --force",
                checkpoint.progress.current.step, word(checkpoint.engine), word(chosen.kind),
                word(checkpoint.engine));
  }
  if (chosen.kind != EngineKind::fused || rnn::same_arithmetic(checkpoint.isa, chosen.isa)) return chosen;
  const bool there = std::find(usable.begin(), usable.end(), checkpoint.isa) != usable.end();
  if (there && wanted == Isa::automatic) return {chosen.kind, checkpoint.isa, chosen.device};
  throw Error(
      ErrorKind::input,
      "the checkpoint after step {} was made on the instruction set {}, {}. Nothing is lost: continue "
      "with --set train.isa={}{}, or start over with --force",
      checkpoint.progress.current.step, checkpoint.isa,
      there ? fmt::format("train.isa asks for {}, whose results differ", chosen.isa)
            : fmt::format("which this machine lacks ({})", fmt::join(usable, ", ")),
      checkpoint.isa, there ? "" : " on a machine that has it");
}

std::string device_of_rank(const std::string& device, int node_rank, int device_count) {
  return device == "cuda" && device_count > 0 ? fmt::format("cuda:{}", node_rank % device_count) : device;
}

std::string device_of_rank(const config::Execution& execution, int node_rank) {
  const std::string& device = execution.device;
  const bool ask = device == "cuda" && choose_engine(execution).kind == EngineKind::libtorch;
  return ask ? device_of_rank(device, node_rank, rnn::torch_cuda_device_count()) : device;
}

}  // namespace rnn_rates::train_rnn
