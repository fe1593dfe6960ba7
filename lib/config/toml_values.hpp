#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/keys.hpp"

namespace rnn_rates::config {

/// Puts a TOML file's values into the keys' slots. Throws Error(config) naming file, line and key.
void apply_file(const std::filesystem::path& file, const std::vector<Key>& keys);

/// The same for the text of one, called `source`.
void apply_text(const std::string& text, const std::string& source, const std::vector<Key>& keys);

/// Puts one "key=value" into its slot. Throws Error(config).
void apply_override(const std::string& text, const std::vector<Key>& keys);

/// A slot's value as TOML.
std::string value_text(const Slot& slot);

}  // namespace rnn_rates::config
