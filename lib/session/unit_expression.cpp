#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>
#include <numeric>

#include "core/error.hpp"
#include "session/unit_choice.hpp"

namespace rnn_rates::session {
namespace {

using Rows = std::vector<bool>;

struct Token {
  enum class Kind : std::uint8_t { word, name, text, number, symbol, end } kind;
  std::string text;
};

[[noreturn]] void throw_unreadable(const std::string& expression, const std::string& why) {
  throw Error(ErrorKind::config, "units = \"{}\": {}; expected such as \"quality == 'good' and snr > 4\"",
              expression, why);
}

bool starts_word(char letter) {
  return std::isalpha(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}
bool continues_word(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '.';
}

/// The token at the front of `rest`, which loses it.
Token take_token(std::string_view& rest, const std::string& expression) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  if (rest.empty()) return {Token::Kind::end, "its end"};
  const auto take = [&](Token::Kind kind, std::size_t length) {
    Token token{kind, std::string(rest.substr(0, length))};
    rest.remove_prefix(length);
    return token;
  };
  const char first = rest.front();
  if (first == '\'' || first == '"' || first == '`') {
    const std::size_t end = rest.find(first, 1);
    if (end == std::string_view::npos) throw_unreadable(expression, fmt::format("{} is not closed", first));
    Token token = take(first == '`' ? Token::Kind::name : Token::Kind::text, end + 1);
    token.text = token.text.substr(1, end - 1);
    return token;
  }
  if (starts_word(first)) {
    const auto end = std::find_if_not(rest.begin(), rest.end(), continues_word);
    return take(Token::Kind::word, static_cast<std::size_t>(end - rest.begin()));
  }
  double number = 0;
  const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (parsed.ec == std::errc())
    return take(Token::Kind::number, static_cast<std::size_t>(parsed.ptr - rest.data()));
  for (const char* symbol : {"==", "!=", "<=", ">=", "<", ">", "(", ")"}) {
    if (rest.starts_with(symbol)) return take(Token::Kind::symbol, std::string_view(symbol).size());
  }
  throw_unreadable(expression, fmt::format("'{}' is not known", first));
}

template <class T>
Rows compare(const std::vector<T>& left, const std::vector<T>& right, const std::string& symbol) {
  Rows rows(left.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const T &a = left[i], &b = right[i];
    if (symbol == "==") rows[i] = a == b;
    if (symbol == "!=") rows[i] = a != b;
    if (symbol == "<") rows[i] = a < b;
    if (symbol == "<=") rows[i] = a <= b;
    if (symbol == ">") rows[i] = a > b;
    if (symbol == ">=") rows[i] = a >= b;
  }
  return rows;
}

/// One operand, a value for each unit.
struct Operand {
  std::string name;
  std::variant<std::vector<double>, std::vector<std::string>> values;
};

/// Reads from left to right: or, and, not, comparison.
class Parser {
 public:
  Parser(const std::string& expression, const UnitTable& table)
      : expression_(expression), table_(table), rest_(expression_), next_(take_token(rest_, expression_)) {}

  Rows whole() {
    Rows rows = either();
    if (next_.kind != Token::Kind::end)
      throw_unreadable(expression_, fmt::format("'{}' is too much", next_.text));
    return rows;
  }

 private:
  bool accept(Token::Kind kind, std::string_view text) {
    if (next_.kind != kind || next_.text != text) return false;
    next_ = take_token(rest_, expression_);
    return true;
  }

  Rows either() {
    Rows rows = both();
    while (accept(Token::Kind::word, "or")) {
      const Rows more = both();
      std::transform(rows.begin(), rows.end(), more.begin(), rows.begin(), std::logical_or<>());
    }
    return rows;
  }

  Rows both() {
    Rows rows = maybe_not();
    while (accept(Token::Kind::word, "and")) {
      const Rows more = maybe_not();
      std::transform(rows.begin(), rows.end(), more.begin(), rows.begin(), std::logical_and<>());
    }
    return rows;
  }

  Rows maybe_not() {
    if (accept(Token::Kind::word, "not")) {
      Rows rows = maybe_not();
      rows.flip();
      return rows;
    }
    if (accept(Token::Kind::symbol, "(")) {
      Rows rows = either();
      if (!accept(Token::Kind::symbol, ")")) throw_unreadable(expression_, "a parenthesis is not closed");
      return rows;
    }
    return comparison();
  }

  Rows comparison() {
    const Operand left = operand(false);
    const std::string symbol = next_.text;
    if (next_.kind != Token::Kind::symbol || symbol == "(" || symbol == ")") {
      const auto* numbers = std::get_if<std::vector<double>>(&left.values);
      if (numbers == nullptr)
        throw_unreadable(expression_, fmt::format("'{}' is a text; compare it", left.name));
      Rows rows(numbers->size());
      std::transform(numbers->begin(), numbers->end(), rows.begin(),
                     [](double value) { return value != 0 && !std::isnan(value); });
      return rows;
    }
    next_ = take_token(rest_, expression_);
    const Operand right = operand(true);
    if (left.values.index() != right.values.index()) {
      throw_unreadable(expression_,
                       fmt::format("'{}' and '{}' are a number and a text, which cannot be compared",
                                   left.name, right.name));
    }
    return std::visit(
        [&](const auto& values) {
          return compare(values, std::get<std::decay_t<decltype(values)>>(right.values), symbol);
        },
        left.values);
  }

  Operand operand(bool is_right) {
    const Token token = next_;
    if (token.kind == Token::Kind::symbol || token.kind == Token::Kind::end)
      throw_unreadable(expression_, fmt::format("{} stands where a column or value belongs", token.text));
    next_ = take_token(rest_, expression_);
    const std::size_t units = table_.rows.size();
    if (token.kind == Token::Kind::text) return {token.text, std::vector<std::string>(units, token.text)};
    if (token.kind == Token::Kind::number) {
      double number = 0;
      std::from_chars(token.text.data(), token.text.data() + token.text.size(), number);
      return {token.text, std::vector<double>(units, number)};
    }
    const bool is_column =
        std::find(table_.columns.begin(), table_.columns.end(), token.text) != table_.columns.end();
    if (is_column) return column(token.text);
    if (token.text == "True" || token.text == "true") return {token.text, std::vector<double>(units, 1)};
    if (token.text == "False" || token.text == "false") return {token.text, std::vector<double>(units, 0)};
    if (is_right && token.kind == Token::Kind::word)
      return {token.text, std::vector<std::string>(units, token.text)};
    throw Error(ErrorKind::input, "{}: no column '{}', which units = \"{}\" asks for; it has: {}",
                table_.where, token.text, expression_,
                table_.columns.empty() ? "none" : fmt::format("{}", fmt::join(table_.columns, ", ")));
  }

  Operand column(const std::string& name) {
    Column read = table_.read(name);
    if (auto* texts = std::get_if<std::vector<std::string>>(&read)) return {name, std::move(*texts)};
    if (auto* numbers = std::get_if<std::vector<double>>(&read)) return {name, std::move(*numbers)};
    const auto& whole = std::get<std::vector<std::int64_t>>(read);
    return {name, std::vector<double>(whole.begin(), whole.end())};
  }

  std::string expression_;
  const UnitTable& table_;
  std::string_view rest_;
  Token next_;
};

}  // namespace

std::vector<bool> fulfilled(const std::string& expression, const UnitTable& table) {
  return Parser(expression, table).whole();
}

}  // namespace rnn_rates::session
