#include "artifact/checkpoint_file.hpp"

#include "artifact/fields.hpp"

namespace rnn_rates::artifact {
namespace {

const std::string engine_object = "/engine";

/// All but the engine, of which there may be others than this program knows.
template <class Io, class Checkpoint>
void fields(const Io& io, Checkpoint& checkpoint) {
  auto& progress = checkpoint.progress;
  io("step", progress.current.step, {"steps taken", "", "steps"});
  io("weights", progress.current.weights, {"weights", "parameter", "1"});
  io("moment1", progress.current.moment1, {"Adam's mean of the gradient", "parameter", "1"});
  io("moment2", progress.current.moment2, {"Adam's mean of the squared gradient", "parameter", "1"});
  io("best_weights", progress.best_weights, {"weights at the lowest validation loss", "parameter", "1"});
  io("best_step", progress.best_step, {"steps taken by then", "", "steps"});
  io("best_validation_loss", progress.best_validation_loss, {"lowest validation loss", "", "1"});
  io("validations_without_gain", progress.validations_without_gain, {"validations since then", "", "1"});
  io("train_loss", progress.train_loss, {"loss before each step", "step", "1"});
  io("validation_steps", progress.validation_steps, {"steps taken when validated", "validation", "steps"});
  io("validation_loss", progress.validation_loss, {"loss on held-out trials", "validation", "1"});
  io("halved_at_steps", checkpoint.halved_at_steps,
     {"steps at which the learning rate was halved", "halving", "steps"});
}

}  // namespace

void write_checkpoint(h5::File& file, const FitCheckpoint& checkpoint) {
  const std::vector<std::string> ran_on = {std::string(word(checkpoint.engine)), checkpoint.isa};
  h5::write_strings(file, engine_object, ran_on, {"engine and instruction set", "label", "1"});
  fields(Writer{file, ""}, checkpoint);
}

FitCheckpoint read_checkpoint(const h5::File& file) {
  FitCheckpoint checkpoint;
  const auto ran_on = h5::read_strings(file, engine_object);
  if (ran_on.size() != 2) {
    throw Error(ErrorKind::input, "{}: holds {} texts, expected 2", file.where(engine_object), ran_on.size());
  }
  const auto engine = choice_called<EngineKind>(ran_on[0]);
  if (!engine) throw Error(ErrorKind::input, "{}: unknown engine '{}'", file.where(engine_object), ran_on[0]);
  checkpoint.engine = *engine;
  checkpoint.isa = ran_on[1];
  fields(Reader{file, ""}, checkpoint);
  return checkpoint;
}

}  // namespace rnn_rates::artifact
