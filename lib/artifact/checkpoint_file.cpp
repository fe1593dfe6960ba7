#include "artifact/checkpoint_file.hpp"

#include "h5/dataset.hpp"
#include "h5/strings.hpp"

namespace rnn_rates::artifact {

void write_checkpoint(h5::File& file, const FitCheckpoint& checkpoint) {
  const std::vector<std::string> ran_on = {std::string(word(checkpoint.engine)), checkpoint.isa};
  h5::write_strings(file, "/engine", ran_on, {"engine and instruction set", "label", "1"});
  h5::write_scalar(file, "/step", checkpoint.step, {"steps taken", "", "steps"});
  const auto flat = [&](const char* name, const std::vector<float>& values, const char* what) {
    h5::write_vector<float>(file, name, values, {what, "parameter", "1"});
  };
  flat("/weights", checkpoint.weights, "weights");
  flat("/moment1", checkpoint.moment1, "Adam's mean of the gradient");
  flat("/moment2", checkpoint.moment2, "Adam's mean of the squared gradient");
  flat("/best_weights", checkpoint.best_weights, "weights at the lowest validation loss");
  h5::write_scalar(file, "/best_step", checkpoint.best_step, {"steps taken by then", "", "steps"});
  h5::write_scalar(file, "/best_validation_loss", checkpoint.best_validation_loss,
                   {"lowest validation loss", "", "1"});
  h5::write_scalar(file, "/validations_without_gain", checkpoint.validations_without_gain,
                   {"validations since then", "", "1"});
  h5::write_vector<float>(file, "/train_loss", checkpoint.train_loss, {"loss before each step", "step", "1"});
  h5::write_vector<std::uint32_t>(file, "/validation_steps", checkpoint.validation_steps,
                                  {"steps taken when validated", "validation", "steps"});
  h5::write_vector<float>(file, "/validation_loss", checkpoint.validation_loss,
                          {"loss on held-out trials", "validation", "1"});
  h5::write_vector<std::uint32_t>(file, "/halved_at_steps", checkpoint.halved_at_steps,
                                  {"steps at which the learning rate was halved", "halving", "steps"});
}

FitCheckpoint read_checkpoint(const h5::File& file) {
  FitCheckpoint checkpoint;
  const auto ran_on = h5::read_strings(file, "/engine");
  if (ran_on.size() != 2) {
    throw Error(ErrorKind::input, "{}: holds {} texts, expected 2", file.where("/engine"), ran_on.size());
  }
  const auto engine = choice_called<EngineKind>(ran_on[0]);
  if (!engine) throw Error(ErrorKind::input, "{}: unknown engine '{}'", file.where("/engine"), ran_on[0]);
  checkpoint.engine = *engine;
  checkpoint.isa = ran_on[1];
  checkpoint.step = h5::read_scalar<std::uint32_t>(file, "/step");
  checkpoint.weights = h5::read_vector<float>(file, "/weights");
  checkpoint.moment1 = h5::read_vector<float>(file, "/moment1");
  checkpoint.moment2 = h5::read_vector<float>(file, "/moment2");
  checkpoint.best_weights = h5::read_vector<float>(file, "/best_weights");
  checkpoint.best_step = h5::read_scalar<std::uint32_t>(file, "/best_step");
  checkpoint.best_validation_loss = h5::read_scalar<double>(file, "/best_validation_loss");
  checkpoint.validations_without_gain = h5::read_scalar<std::uint32_t>(file, "/validations_without_gain");
  checkpoint.train_loss = h5::read_vector<float>(file, "/train_loss");
  checkpoint.validation_steps = h5::read_vector<std::uint32_t>(file, "/validation_steps");
  checkpoint.validation_loss = h5::read_vector<float>(file, "/validation_loss");
  checkpoint.halved_at_steps = h5::read_vector<std::uint32_t>(file, "/halved_at_steps");
  return checkpoint;
}

}  // namespace rnn_rates::artifact
