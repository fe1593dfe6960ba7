#include "artifact/model_file.hpp"

#include "artifact/fields.hpp"
#include "h5/attribute.hpp"

namespace rnn_rates::artifact {

using inference::FitModel;
using inference::NamedTensor;

namespace {

constexpr const char* tuned_group = "/tuned";

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

/// Of trials in the order of the rounds.
template <class Io, class Tuned>
void tuned_fields(const Io& io, Tuned& tuned) {
  io("candidate", tuned.candidate, {"settings that were tried; 0: those that were given", "trial", "1"});
  io("settings", tuned.settings, {"what candidates differ in", "trial", "1"});
  io("part_of_steps", tuned.part_of_steps, {"share of all steps that they were trained for", "trial", "1"});
  io("bits_per_hidden_spike", tuned.bits_per_hidden_spike,
     {"information on hidden spikes against each unit's mean rate", "trial", "bits per spike"});
  io("over_given", tuned.over_given, {"the same minus that of candidate 0", "trial", "bits per spike"});
  io("over_given_standard_error", tuned.over_given_standard_error,
     {"its standard error over runs of trials, paired", "trial", "bits per spike"});
  io("chosen", tuned.chosen, {"the candidate whose settings trained this network", "", "1"});
}

template <class Io, class Values>
void trial_fields(const Io& io, Values& bits, Values& spikes) {
  io("bits", bits, {"information on hidden spikes against each unit's mean rate", "run", "bits"});
  io("spikes", spikes, {"hidden spikes, in the unit of the rates", "run", "Hz"});
}

}  // namespace

void write_model(h5::File& file, const FitModel& model) {
  h5::write_attribute(file, "/", "engine", model.engine);
  h5::write_attribute(file, "/", "network", std::string(word(model.network)));
  write_weights(file, "/weights/last", model.last_weights);
  write_weights(file, "/weights/best", model.best_weights);
  fields(Writer{file, ""}, model);
  if (model.tuned) tuned_fields(Writer{file, tuned_group}, *model.tuned);
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
  if (h5::exists(file, tuned_group)) tuned_fields(Reader{file, tuned_group}, model.tuned.emplace());
  return model;
}

void write_trial(h5::File& file, const inference::Runs& runs) {
  std::vector<double> bits, spikes;
  bits.reserve(runs.size());
  spikes.reserve(runs.size());
  for (const neural::Information& run : runs) {
    bits.push_back(run.bits);
    spikes.push_back(run.spikes);
  }
  trial_fields(Writer{file, ""}, bits, spikes);
}

inference::Runs read_trial(const h5::File& file) {
  std::vector<double> bits, spikes;
  trial_fields(Reader{file, ""}, bits, spikes);
  if (bits.size() != spikes.size())
    throw Error(ErrorKind::input, "{}: holds {} runs of bits and {} of spikes", file.path().string(),
                bits.size(), spikes.size());
  inference::Runs runs(bits.size());
  for (std::size_t i = 0; i < runs.size(); ++i) runs[i] = {bits[i], spikes[i]};
  return runs;
}

}  // namespace rnn_rates::artifact
