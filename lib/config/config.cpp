#include "config/config.hpp"

#include <fmt/format.h>

#include <set>

#include "config/keys.hpp"
#include "config/toml_values.hpp"
#include "core/error.hpp"

namespace rnn_rates::config {
namespace {

const std::set<std::string_view> stages = {"extract_bins", "reduce_pca", "train_rnn", "infer_write",
                                           "plot_rates"};

void check_device(const std::string& device) {
  const bool numbered = device.starts_with("cuda:") && device.size() > 5 &&
                        device.find_first_not_of("0123456789", 5) == std::string::npos;
  if (device == "cpu" || device == "cuda" || numbered) return;
  throw Error(ErrorKind::config, "train.device = \"{}\": expected \"cpu\", \"cuda\" or \"cuda:N\"", device);
}

}  // namespace

Config load(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
  Config config;
  const std::vector<Key> all = keys(config);
  if (!file.empty()) apply_file(file, all);
  for (const std::string& override_text : overrides) apply_override(override_text, all);
  check_device(config.train.device);
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
  if (!stages.contains(stage)) throw Error(ErrorKind::bug, "no stage is called '{}'", stage);
  Config copy = config;
  std::string text;
  for (const Key& key : keys(copy)) {
    if (key.stage == stage) text += fmt::format("{} = {}\n", key.name, value_text(key.slot));
  }
  return text;
}

}  // namespace rnn_rates::config
