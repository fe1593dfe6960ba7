#include "artifact/checkpoint_file.hpp"

#include "h5/dataset.hpp"
#include "h5/strings.hpp"

namespace rnn_rates::artifact {

void write_checkpoint(h5::File& file, const FitCheckpoint& checkpoint) {
  const rnn::TrainingProgress& progress = checkpoint.progress;
  const std::vector<std::string> ran_on = {std::string(word(checkpoint.engine)), checkpoint.isa};
  h5::write_strings(file, "/engine", ran_on, {"engine and instruction set", "label", "1"});
  h5::write_scalar(file, "/step", progress.current.step, {"steps taken", "", "steps"});
  const auto flat = [&](const char* name, const std::vector<float>& values, const char* what) {
    h5::write_vector<float>(file, name, values, {what, "parameter", "1"});
  };
  flat("/weights", progress.current.weights, "weights");
  flat("/moment1", progress.current.moment1, "Adam's mean of the gradient");
  flat("/moment2", progress.current.moment2, "Adam's mean of the squared gradient");
  flat("/best_weights", progress.best_weights, "weights at the lowest validation loss");
  h5::write_scalar(file, "/best_step", progress.best_step, {"steps taken by then", "", "steps"});
  h5::write_scalar(file, "/best_validation_loss", progress.best_validation_loss,
                   {"lowest validation loss", "", "1"});
  h5::write_scalar(file, "/validations_without_gain", progress.validations_without_gain,
                   {"validations since then", "", "1"});
  h5::write_vector<float>(file, "/train_loss", progress.train_loss, {"loss before each step", "step", "1"});
  h5::write_vector<std::uint32_t>(file, "/validation_steps", progress.validation_steps,
                                  {"steps taken when validated", "validation", "steps"});
  h5::write_vector<float>(file, "/validation_loss", progress.validation_loss,
                          {"loss on held-out trials", "validation", "1"});
  h5::write_vector<std::uint32_t>(file, "/halved_at_steps", checkpoint.halved_at_steps,
                                  {"steps at which the learning rate was halved", "halving", "steps"});
}

FitCheckpoint read_checkpoint(const h5::File& file) {
  FitCheckpoint checkpoint;
  rnn::TrainingProgress& progress = checkpoint.progress;
  const auto ran_on = h5::read_strings(file, "/engine");
  if (ran_on.size() != 2) {
    throw Error(ErrorKind::input, "{}: holds {} texts, expected 2", file.where("/engine"), ran_on.size());
  }
  const auto engine = choice_called<EngineKind>(ran_on[0]);
  if (!engine) throw Error(ErrorKind::input, "{}: unknown engine '{}'", file.where("/engine"), ran_on[0]);
  checkpoint.engine = *engine;
  checkpoint.isa = ran_on[1];
  progress.current.step = h5::read_scalar<std::uint32_t>(file, "/step");
  progress.current.weights = h5::read_vector<float>(file, "/weights");
  progress.current.moment1 = h5::read_vector<float>(file, "/moment1");
  progress.current.moment2 = h5::read_vector<float>(file, "/moment2");
  progress.best_weights = h5::read_vector<float>(file, "/best_weights");
  progress.best_step = h5::read_scalar<std::uint32_t>(file, "/best_step");
  progress.best_validation_loss = h5::read_scalar<double>(file, "/best_validation_loss");
  progress.validations_without_gain = h5::read_scalar<std::uint32_t>(file, "/validations_without_gain");
  progress.train_loss = h5::read_vector<float>(file, "/train_loss");
  progress.validation_steps = h5::read_vector<std::uint32_t>(file, "/validation_steps");
  progress.validation_loss = h5::read_vector<float>(file, "/validation_loss");
  checkpoint.halved_at_steps = h5::read_vector<std::uint32_t>(file, "/halved_at_steps");
  return checkpoint;
}

}  // namespace rnn_rates::artifact
