#include "config/config.hpp"

#include <fmt/format.h>

#include "config/keys.hpp"
#include "config/toml_values.hpp"
#include "core/error.hpp"

namespace rnn_rates::config {
namespace {

void check_device(const std::string& device) {
  const bool numbered = device.starts_with("cuda:") && device.size() > 5 &&
                        device.find_first_not_of("0123456789", 5) == std::string::npos;
  if (device == "cpu" || device == "cuda" || numbered) return;
  throw Error(ErrorKind::config, "train.device = \"{}\": expected \"cpu\", \"cuda\" or \"cuda:N\"", device);
}

/// A key whose value the network of model.kind cannot have.
[[noreturn]] void throw_unfit(const Config& config, const std::string& key, const std::string& value,
                              const std::string& expected) {
  throw Error(ErrorKind::config, "{} = {} does not go with model.kind = \"{}\": expected {}", key, value,
              word(config.train_rnn.model.kind), expected);
}

void check_model(const Config& config) {
  const Model& model = config.train_rnn.model;
  const Train& train = config.train_rnn.train;
  const auto text = [](const auto& value) { return fmt::format("{}", value); };
  const auto check_loss = [&](Loss expected) {
    if (train.loss == expected) return;
    throw_unfit(config, "train.loss", fmt::format("\"{}\"", word(train.loss)),
                fmt::format("\"{}\"", word(expected)));
  };
  if (model.kind == NetworkKind::masked_gru) {
    check_loss(Loss::poisson);
    if (train.forecast_ms != 0) throw_unfit(config, "train.forecast_ms", text(train.forecast_ms), "0");
    if (model.layers != 1) throw_unfit(config, "model.layers", text(model.layers), "1");
    for (const CombineWith method : {CombineWith::plds, CombineWith::gpfa, CombineWith::gaussian}) {
      if (model.bidirectional || !config.infer_write.combine_with.has(method)) continue;
      throw Error(ErrorKind::config,
                  "\"{}\" in infer.combine_with does not go with model.bidirectional = false, as it looks "
                  "ahead: expected infer.combine_with = [] or [\"inferred_condition\"]",
                  word(method));
    }
    return;
  }
  check_loss(Loss::mse);
  const std::int64_t folds = config.reduce_pca.folds;
  if (folds != 1) throw_unfit(config, "train.folds", text(folds), "1");
  if (train.batch != 0) throw_unfit(config, "train.batch", text(train.batch), "0");
  const std::int64_t tries = config.train_rnn.tune.trials;
  if (tries != 0) throw_unfit(config, "tune.trials", text(tries), "0");
}

}  // namespace

Config load(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
  Config config;
  const std::vector<Key> all = keys(config);
  if (!file.empty()) apply_file(file, all);
  for (const std::string& override_text : overrides) apply_override(override_text, all);
  check_device(config.execution.device);
  check_model(config);
  return config;
}

std::string to_toml(const Config& config) {
  Config copy = config;
  std::string text, table;
  for (const Key& key : keys(copy)) {
    const std::size_t dot = key.name.find('.');
    const std::string in_table = dot == std::string::npos ? "" : key.name.substr(0, dot);
    if (in_table != table) {
      text += fmt::format("\n[{}]\n", in_table);
      table = in_table;
    }
    const std::string name = dot == std::string::npos ? key.name : key.name.substr(dot + 1);
    text += fmt::format("{:<40} # {}\n", fmt::format("{} = {}", name, value_text(key.slot)), key.comment);
  }
  return text;
}

std::string canonical_text(const Config& config, std::string_view stage) {
  Config copy = config;
  std::string text;
  for (const Key& key : keys(copy)) {
    if (key.stage == stage) text += fmt::format("{} = {}\n", key.name, value_text(key.slot));
  }
  if (stage.empty() || text.empty()) throw Error(ErrorKind::bug, "no stage is called '{}'", stage);
  return text;
}

std::string digest_text(const Config& config, std::string_view stage) {
  Config decisive = config;
  decisive.infer_write.baselines = InferWrite().baselines;
  return canonical_text(decisive, stage);
}

Config from_canonical_text(const std::string& text, const std::string& source) {
  Config config;
  apply_text(text, source, keys(config));
  return config;
}

}  // namespace rnn_rates::config
