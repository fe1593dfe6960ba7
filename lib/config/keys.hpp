#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "config/config.hpp"

namespace rnn_rates::config {

/// Where a choice (core/choices.hpp) lives, as the number of its word.
struct ChoiceSlot {
  unsigned char* number;
  std::span<const std::string_view> words;

  std::string_view word() const { return words[*number]; }
};

/// Where some of a choice's values (SomeOf) live.
struct ChoicesSlot {
  std::uint32_t* bits;
  std::span<const std::string_view> words;

  /// Those chosen.
  std::vector<std::string> chosen() const;
};

/// Where a key's value lives, which is also its type.
using Slot = std::variant<bool*, std::int64_t*, double*, std::string*, std::array<double, 2>*,
                          std::vector<std::string>*, ChoiceSlot, ChoicesSlot>;

/// One setting: everything that is known about it, in one place.
struct Key {
  std::string name;     ///< with its table, such as "train.steps"
  std::string comment;  ///< meaning and unit, one line
  Slot slot;
  double minimum = -1e300;  ///< numbers: allowed range
  double maximum = 1e300;
  std::vector<std::string> words = {};  ///< lists: allowed texts; none: any
  std::string_view stage = {};          ///< whose struct the slot lies in; "" for Execution
  std::string formerly = {};            ///< lists: the name of the switch that they replaced
};

/// The figures that plots.select may name.
std::vector<std::string> figure_names();

/// Every key in the order of the documentation, bound to `config`.
std::vector<Key> keys(Config& config);

}  // namespace rnn_rates::config
