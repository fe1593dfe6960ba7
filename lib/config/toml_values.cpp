#include "config/toml_values.hpp"

#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/text_file.hpp"

namespace rnn_rates::config {
namespace {

std::string place(const std::string& source, const toml::node& node) {
  return node.source().begin.line > 0 ? fmt::format("{}, line {}", source, node.source().begin.line) : source;
}

[[noreturn]] void throw_wrong_type(const std::string& where, const Key& key, const char* expected) {
  throw Error(ErrorKind::config, "{}: {} must be {} ({})", where, key.name, expected, key.comment);
}

double number(const toml::node& node, const std::string& where, const Key& key, const char* expected) {
  if (!node.is_number()) throw_wrong_type(where, key, expected);
  return *node.value<double>();
}

void check_number(const std::string& where, const Key& key, double value) {
  if (std::isfinite(value) && value >= key.minimum && value <= key.maximum) return;
  throw Error(ErrorKind::config, "{}: {} = {}: expected a number from {} to {} ({})", where, key.name, value,
              key.minimum, key.maximum, key.comment);
}

/// The number of `value` among `words`.
template <class Words>
std::size_t find_word(const std::string& where, const Key& key, const Words& words,
                      const std::string& value) {
  const auto found = std::find(words.begin(), words.end(), value);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  throw Error(ErrorKind::config, "{}: {} = \"{}\": expected one of: {} ({})", where, key.name, value,
              fmt::join(words, ", "), key.comment);
}

/// Throws unless the key's present value is allowed.
void check_value(const std::string& where, const Key& key) {
  if (const auto* number = std::get_if<std::int64_t*>(&key.slot))
    check_number(where, key, static_cast<double>(**number));
  if (const auto* number = std::get_if<double*>(&key.slot)) check_number(where, key, **number);
  if (const auto* pair = std::get_if<std::array<double, 2>*>(&key.slot)) {
    for (const double value : **pair) check_number(where, key, value);
  }
  if (const auto* list = std::get_if<std::vector<std::string>*>(&key.slot)) {
    for (const std::string& value : **list)
      if (!key.words.empty()) find_word(where, key, key.words, value);
  }
}

std::vector<std::string> texts(const toml::node& node, const std::string& where, const Key& key) {
  const toml::array* list = node.as_array();
  if (list == nullptr) throw_wrong_type(where, key, "a list of texts");
  std::vector<std::string> texts;
  for (const toml::node& item : *list) {
    if (const auto number = item.value_exact<std::int64_t>(); number && key.words.empty())
      texts.push_back(fmt::format("{}", *number));
    else if (item.is_string())
      texts.push_back(*item.value<std::string>());
    else
      throw_wrong_type(where, key, "a list of texts");
  }
  return texts;
}

void assign(const Key& key, const toml::node& node, const std::string& source) {
  const std::string where = place(source, node);
  if (auto* const* flag = std::get_if<bool*>(&key.slot)) {
    if (!node.is_boolean()) throw_wrong_type(where, key, "true or false");
    **flag = *node.value<bool>();
  } else if (auto* const* whole = std::get_if<std::int64_t*>(&key.slot)) {
    if (!node.is_integer()) throw_wrong_type(where, key, "a whole number");
    **whole = *node.value<std::int64_t>();
  } else if (auto* const* real = std::get_if<double*>(&key.slot)) {
    **real = number(node, where, key, "a number");
  } else if (auto* const* text = std::get_if<std::string*>(&key.slot)) {
    if (!node.is_string()) throw_wrong_type(where, key, "a text in quotes");
    **text = *node.value<std::string>();
  } else if (const auto* choice = std::get_if<ChoiceSlot>(&key.slot)) {
    if (!node.is_string()) throw_wrong_type(where, key, "a text in quotes");
    *choice->number =
        static_cast<unsigned char>(find_word(where, key, choice->words, *node.value<std::string>()));
  } else if (auto* const* pair = std::get_if<std::array<double, 2>*>(&key.slot)) {
    const toml::array* list = node.as_array();
    if (list != nullptr && list->is_homogeneous(toml::node_type::array)) {
      throw Error(ErrorKind::config,
                  "{}: {} holds several windows, expected one, [from, to]. For several, give the recording a "
                  "line for each in a --manifest, with an id and a {} of its own.",
                  where, key.name, key.name);
    }
    if (list == nullptr || list->size() != 2) throw_wrong_type(where, key, "a list of two numbers");
    for (std::size_t i = 0; i < 2; ++i)
      (**pair)[i] = number(*list->get(i), where, key, "a list of two numbers");
  } else if (const auto* choices = std::get_if<ChoicesSlot>(&key.slot)) {
    *choices->bits = 0;
    for (const std::string& name : texts(node, where, key))
      *choices->bits |= 1u << find_word(where, key, choices->words, name);
  } else if (auto* const* list = std::get_if<std::vector<std::string>*>(&key.slot)) {
    **list = texts(node, where, key);
  }
  check_value(where, key);
}

[[noreturn]] void throw_unknown(const std::string& where, const std::string& name,
                                const std::vector<Key>& keys) {
  std::vector<std::string> names;
  names.reserve(keys.size());
  for (const Key& key : keys) {
    if (key.formerly == name)
      throw Error(ErrorKind::config, "{}: {} is now the list {} ({})", where, name, key.name, key.comment);
    names.push_back(key.name);
  }
  throw Error(ErrorKind::config, "{}: unknown key '{}'. Known keys: {}", where, name, fmt::join(names, ", "));
}

/// The list that replaced the switch `name`, if any.
auto replacing(const std::string& name, const std::vector<Key>& keys) {
  return std::find_if(keys.begin(), keys.end(), [&](const Key& each) { return each.formerly == name; });
}

/// A switch that was off is the empty list; on, it stood for other choices than today's.
bool assign_former(const std::string& name, const toml::node& node, const std::vector<Key>& keys) {
  const auto key = replacing(name, keys);
  if (key == keys.end() || node.value_exact<bool>() != false) return false;
  *std::get<ChoicesSlot>(key->slot).bits = 0;
  return true;
}

void apply_table(const toml::table& table, const std::string& prefix, const std::string& source,
                 const std::vector<Key>& keys) {
  for (const auto& [name, node] : table) {
    const std::string full = prefix + std::string(name.str());
    const auto key =
        std::find_if(keys.begin(), keys.end(), [&](const Key& each) { return each.name == full; });
    if (key != keys.end()) {
      assign(*key, node, source);
    } else if (node.is_table() && std::any_of(keys.begin(), keys.end(), [&](const Key& each) {
                 return each.name.starts_with(full + ".");
               })) {
      apply_table(*node.as_table(), full + ".", source, keys);
    } else if (!assign_former(full, node, keys)) {
      throw_unknown(place(source, node), full, keys);
    }
  }
}

/// toml++ goes down into tables by recursion, for which a key of thousands of parts leaves no stack.
void check_depth(const std::string& text, const std::string& source) {
  constexpr std::ptrdiff_t most = 100;
  std::istringstream lines(text);
  std::size_t number = 1;
  for (std::string line; std::getline(lines, line); ++number) {
    if (std::count(line.begin(), line.end(), '.') > most)
      throw Error(ErrorKind::config, "{}, line {}: more than {} dots", source, number, most);
  }
}

toml::table parse(const std::string& text, const std::string& source) {
  check_depth(text, source);
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& failure) {
    throw Error(ErrorKind::config, "{}, line {}: not valid TOML: {}", source, failure.source().begin.line,
                failure.description());
  }
}

std::string toml_text(const std::string& text) {
  std::ostringstream out;
  out << toml::toml_formatter(toml::value<std::string>(text), toml::format_flags::none);
  return out.str();
}

/// A text that came without quotes; one that is no UTF-8 could not be written into a file of settings.
toml::table bare_text(const std::string& text, const std::string& source) {
  toml::table table = parse("value = " + toml_text(text), source);
  if (table["value"].value<std::string>() != text)
    throw Error(ErrorKind::config, "{}: not valid UTF-8", source);
  return table;
}

/// A list that came without brackets, as "10,31" or "sucrose,nacl".
toml::table bare_list(const std::string& text, const std::string& source) {
  std::string list;
  std::istringstream items(text);
  for (std::string item; std::getline(items, item, ',');) list += toml_text(item) + ",";
  return parse("value = [" + list + "]", source);
}

}  // namespace

void apply_file(const std::filesystem::path& file, const std::vector<Key>& keys) {
  const std::string failure = "this configuration file cannot be read";
  // Each rank reads it, and from a pipe only one of them would get something.
  std::error_code unseen;
  if (std::filesystem::is_other(file, unseen))
    throw Error(ErrorKind::config, "{}: {}: it is not a plain file", file.string(), failure);
  constexpr std::size_t longest = std::size_t{256} << 10;
  apply_text(read_text(file, ErrorKind::config, failure, longest), file.string(), keys);
}

void apply_text(const std::string& text, const std::string& source, const std::vector<Key>& keys) {
  apply_table(parse(text, source), "", source, keys);
}

void apply_override(const std::string& text, const std::vector<Key>& keys) {
  const std::size_t equals = text.find('=');
  const std::string source = fmt::format("--set {}", text);
  if (equals == std::string::npos || equals == 0) {
    throw Error(ErrorKind::config, "{}: expected key=value, such as train.steps=2000", source);
  }
  const auto trim = [](std::string part) {
    part.erase(0, std::min(part.find_first_not_of(" \t"), part.size()));
    part.erase(part.find_last_not_of(" \t") + 1);
    return part;
  };
  const std::string name = trim(text.substr(0, equals)), value = trim(text.substr(equals + 1));
  const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& each) { return each.name == name; });
  if (key == keys.end() && replacing(name, keys) != keys.end()) return apply_text(text, source, keys);
  if (key == keys.end()) throw_unknown(source, name, keys);
  // A shell eats quotes, so a text may come without them.
  const bool is_text =
      std::holds_alternative<std::string*>(key->slot) || std::holds_alternative<ChoiceSlot>(key->slot);
  const bool bare = is_text && !value.starts_with('"') && !value.starts_with('\'');
  const bool is_list = std::holds_alternative<std::vector<std::string>*>(key->slot);
  const toml::table parsed = bare                                 ? bare_text(value, source)
                             : is_list && !value.starts_with('[') ? bare_list(value, source)
                                                                  : parse("value = " + value, source);
  assign(*key, *parsed.get("value"), source);
}

std::string value_text(const Slot& slot) {
  if (auto* const* flag = std::get_if<bool*>(&slot)) return **flag ? "true" : "false";
  if (auto* const* whole = std::get_if<std::int64_t*>(&slot)) return fmt::format("{}", **whole);
  if (auto* const* real = std::get_if<double*>(&slot)) return fmt::format("{}", **real);
  if (auto* const* text = std::get_if<std::string*>(&slot)) return toml_text(**text);
  if (const auto* choice = std::get_if<ChoiceSlot>(&slot)) return toml_text(std::string(choice->word()));
  if (auto* const* pair = std::get_if<std::array<double, 2>*>(&slot))
    return fmt::format("[{}]", fmt::join(**pair, ", "));
  const auto* choices = std::get_if<ChoicesSlot>(&slot);
  std::vector<std::string> items =
      choices != nullptr ? choices->chosen() : *std::get<std::vector<std::string>*>(slot);
  for (std::string& item : items) item = toml_text(item);
  return fmt::format("[{}]", fmt::join(items, ", "));
}

}  // namespace rnn_rates::config
