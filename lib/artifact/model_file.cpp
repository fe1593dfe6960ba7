#include "artifact/model_file.hpp"

#include "h5/attribute.hpp"
#include "h5/dataset.hpp"
#include "h5/strings.hpp"

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

}  // namespace

void write_model(h5::File& file, const FitModel& model) {
  h5::write_attribute(file, "/", "engine", model.engine);
  h5::write_attribute(file, "/", "network", std::string(word(model.network)));
  h5::write_vector<double>(file, "/input_mean", model.input_mean,
                           {"mean count that the network's input is relative to", "unit", "spikes"});
  h5::write_vector<double>(file, "/input_scale", model.input_scale,
                           {"count that the network's input is measured in", "unit", "spikes"});
  if (model.mask) {
    h5::write_scalar(file, "/mask/block_bins", model.mask->block_bins,
                     {"bins of a unit that training hid together", "", "bins"});
    h5::write_scalar(file, "/mask/probability", model.mask->probability,
                     {"share of blocks that training hid", "", "1"});
  }
  write_weights(file, "/weights/last", model.last_weights);
  write_weights(file, "/weights/best", model.best_weights);
  h5::write_scalar(file, "/seed", model.seed, {"seed of initial weights and dropout", "", "1"});
  h5::write_scalar(file, "/forecast_bins", model.forecast_bins, {"forecast horizon", "", "bins"});
  h5::write_scalar(file, "/best_step", model.best_step,
                   {"steps taken when the best weights were kept", "", "steps"});
  h5::write_scalar(file, "/stopped_early", std::uint8_t{model.stopped_early},
                   {"1 if patience was spent", "", "1"});
  h5::write_scalar(file, "/final_train_loss", model.final_train_loss,
                   {"loss of the last weights on training trials, without dropout", "", "1"});
  h5::write_scalar(file, "/final_validation_loss", model.final_validation_loss,
                   {"loss of the last weights on held-out trials, without dropout", "", "1"});
  h5::write_vector<float>(file, "/train_loss", model.train_loss,
                          {"loss before each step, with dropout and masks", "step", "1"});
  h5::write_vector<std::uint32_t>(file, "/validation_steps", model.validation_steps,
                                  {"steps taken when validated", "validation", "steps"});
  h5::write_vector<float>(file, "/validation_loss", model.validation_loss,
                          {"loss on held-out trials, without dropout", "validation", "1"});
  h5::write_vector<std::uint32_t>(file, "/train_trials", model.train_trials,
                                  {"trials that trained", "index", "1"});
  h5::write_vector<std::uint32_t>(file, "/test_trials", model.test_trials, {"trials held out", "index", "1"});
  h5::write_vector<std::uint32_t>(file, "/halved_at_steps", model.halved_at_steps,
                                  {"steps at which the learning rate was halved", "halving", "steps"});
  h5::write_strings(file, "/warnings", model.warnings, {"what the training warned of", "warning", "1"});
}

FitModel read_model(const h5::File& file) {
  FitModel model;
  model.engine = h5::read_text_attribute(file, "/", "engine");
  const std::string network = h5::read_text_attribute(file, "/", "network");
  const auto kind = choice_called<NetworkKind>(network);
  if (!kind)
    throw Error(ErrorKind::input, "{}: holds an unknown network, '{}'", file.path().string(), network);
  model.network = *kind;
  model.input_mean = h5::read_vector<double>(file, "/input_mean");
  model.input_scale = h5::read_vector<double>(file, "/input_scale");
  if (model.network == NetworkKind::masked_gru) {
    model.mask = rnn::MaskOptions{h5::read_scalar<std::uint32_t>(file, "/mask/block_bins"),
                                  h5::read_scalar<double>(file, "/mask/probability")};
  }
  model.last_weights = read_weights(file, "/weights/last");
  model.best_weights = read_weights(file, "/weights/best");
  model.seed = h5::read_scalar<std::uint64_t>(file, "/seed");
  model.forecast_bins = h5::read_scalar<std::uint32_t>(file, "/forecast_bins");
  model.best_step = h5::read_scalar<std::uint32_t>(file, "/best_step");
  model.stopped_early = h5::read_scalar<std::uint8_t>(file, "/stopped_early") != 0;
  model.final_train_loss = h5::read_scalar<float>(file, "/final_train_loss");
  model.final_validation_loss = h5::read_scalar<float>(file, "/final_validation_loss");
  model.train_loss = h5::read_vector<float>(file, "/train_loss");
  model.validation_steps = h5::read_vector<std::uint32_t>(file, "/validation_steps");
  model.validation_loss = h5::read_vector<float>(file, "/validation_loss");
  model.train_trials = h5::read_vector<std::uint32_t>(file, "/train_trials");
  model.test_trials = h5::read_vector<std::uint32_t>(file, "/test_trials");
  model.halved_at_steps = h5::read_vector<std::uint32_t>(file, "/halved_at_steps");
  model.warnings = h5::read_strings(file, "/warnings");
  return model;
}

}  // namespace rnn_rates::artifact
