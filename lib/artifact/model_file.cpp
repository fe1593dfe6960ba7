#include "artifact/model_file.hpp"

#include "artifact/fields.hpp"
#include "h5/attribute.hpp"

namespace rnn_rates::artifact {

using inference::FitModel;
using inference::NamedTensor;

namespace {

void write_weights(h5::File& file, const std::string& group, const std::vector<NamedTensor>& tensors) {
  for (const NamedTensor& tensor : tensors) {
    h5::write_values<float>(file, group + "/" + tensor.name, tensor.values, tensor.shape,
                            {"network parameter, named and laid out as PyTorch's state_dict",
                             tensor.shape.size() == 2 ? "out in" : "out", "1"});
  }
}

std::vector<NamedTensor> read_weights(const h5::File& file, const std::string& group) {
  std::vector<NamedTensor> tensors;
  for (const std::string& name : h5::children(file, group)) {
    const h5::Dataset dataset(file, group + "/" + name);
    NamedTensor tensor{name, dataset.shape(), {}};
    std::size_t size = 1;
    for (const std::size_t extent : tensor.shape) size *= extent;
    tensor.values.resize(size);
    dataset.read_all<float>(tensor.values);
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

/// All but the weights and what attributes say.
template <class Io, class Model>
void fields(const Io& io, Model& model) {
  io("input_mean", model.input_mean,
     {"mean count that the network's input is relative to", "unit", "spikes"});
  io("input_scale", model.input_scale, {"count that the network's input is measured in", "unit", "spikes"});
  if (model.mask) {
    io("mask/block_bins", model.mask->block_bins, {"bins of a unit that training hid together", "", "bins"});
    io("mask/probability", model.mask->probability, {"share of blocks that training hid", "", "1"});
  }
  io("seed", model.seed, {"seed of initial weights and dropout", "", "1"});
  io("forecast_bins", model.forecast_bins, {"forecast horizon", "", "bins"});
  io("best_step", model.best_step, {"steps taken when the best weights were kept", "", "steps"});
  io("stopped_early", model.stopped_early, {"1 if patience was spent", "", "1"});
  io("final_train_loss", model.final_train_loss,
     {"loss of the last weights on training trials, without dropout", "", "1"});
  io("final_validation_loss", model.final_validation_loss,
     {"loss of the last weights on held-out trials, without dropout", "", "1"});
  io("train_loss", model.train_loss, {"loss before each step, with dropout and masks", "step", "1"});
  io("validation_steps", model.validation_steps, {"steps taken when validated", "validation", "steps"});
  io("validation_loss", model.validation_loss,
     {"loss on held-out trials, without dropout", "validation", "1"});
  io("train_trials", model.train_trials, {"trials that trained", "index", "1"});
  io("test_trials", model.test_trials, {"trials held out", "index", "1"});
  io("halved_at_steps", model.halved_at_steps,
     {"steps at which the learning rate was halved", "halving", "steps"});
  io("warnings", model.warnings, {"what the training warned of", "warning", "1"});
}

}  // namespace

void write_model(h5::File& file, const FitModel& model) {
  h5::write_attribute(file, "/", "engine", model.engine);
  h5::write_attribute(file, "/", "network", std::string(word(model.network)));
  write_weights(file, "/weights/last", model.last_weights);
  write_weights(file, "/weights/best", model.best_weights);
  fields(Writer{file, ""}, model);
}

FitModel read_model(const h5::File& file) {
  FitModel model;
  model.engine = h5::read_text_attribute(file, "/", "engine");
  const std::string network = h5::read_text_attribute(file, "/", "network");
  const auto kind = choice_called<NetworkKind>(network);
  if (!kind)
    throw Error(ErrorKind::input, "{}: holds an unknown network, '{}'", file.path().string(), network);
  model.network = *kind;
  if (model.network == NetworkKind::masked_gru) model.mask.emplace();
  model.last_weights = read_weights(file, "/weights/last");
  model.best_weights = read_weights(file, "/weights/best");
  fields(Reader{file, ""}, model);
  return model;
}

}  // namespace rnn_rates::artifact
