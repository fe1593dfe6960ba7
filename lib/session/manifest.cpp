#include "session/manifest.hpp"

#include <fmt/ranges.h>
#include <glob.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string_view>
#include <system_error>

#include "core/characters.hpp"
#include "core/error.hpp"
#include "core/text_file.hpp"

namespace rnn_rates::session {
namespace {

namespace fs = std::filesystem;

/// UTF-8's, which Windows puts before a text.
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \r");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \r") - first + 1));
}

/// The cells of a line, less the empty ones at its end, which spreadsheets add.
std::vector<std::string> columns_of(const std::string& line) {
  std::vector<std::string> columns;
  std::istringstream cells(line);
  for (std::string cell; std::getline(cells, cell, '\t');) columns.push_back(trimmed(cell));
  while (!columns.empty() && columns.back().empty()) columns.pop_back();
  return columns;
}

/// A header names "path" first, then "id" or settings, which are words of letters, digits, "_" and ".".
bool is_header(const std::vector<std::string>& columns) {
  return columns[0] == "path" && std::all_of(columns.begin() + 1, columns.end(), [](const std::string& name) {
           return !name.empty() &&
                  name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string::npos;
         });
}

/// The id becomes a folder's name, and a word in messages and tables.
void check_id(const std::string& id, const std::string& where) {
  constexpr std::size_t longest = 255;
  if (!id.empty() && id.size() <= longest && !has_control_characters(id) &&
      id.find('/') == std::string::npos && id != "." && id != "..")
    return;
  throw Error(
      ErrorKind::input,
      "{}: the id '{}' cannot be a folder's name. Choose one without '/', line breaks and the like, of "
      "at most {} bytes.",
      where, id, longest);
}

/// Throws Error(input) where a spreadsheet's list is in a form that is not ours; `start` is its first line.
void check_encoding(std::string_view start, const std::string& path) {
  if (!start.starts_with("\xff\xfe") && !start.starts_with("\xfe\xff")) return;
  throw Error(ErrorKind::input,
              "{}: this list is UTF-16, which spreadsheets call Unicode text. Save it as UTF-8, with tabs "
              "between columns.",
              path);
}

void check_separator(std::string_view first_cell, const std::string& where) {
  if (!first_cell.starts_with("path,") && !first_cell.starts_with("path;")) return;
  throw Error(
      ErrorKind::input,
      "{}: '{}' stands between columns, expected tabs. Save the list as text, with tabs between columns.",
      where, first_cell[4]);
}

/// What the session at `path` is called where nothing else is said.
std::string name_of(const fs::path& path) {
  fs::path whole = path.empty() ? path : fs::absolute(path).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  std::error_code failure;
  const bool is_file =
      (whole.extension() == ".h5" || whole.extension() == ".nwb") && !fs::is_directory(whole, failure);
  std::string name = (is_file ? whole.stem() : whole.filename()).string();
  if (name.empty()) throw Error(ErrorKind::input, "'{}': names no session folder or .h5 file", path.string());
  return name;
}

SessionSpec spec_of_line(const std::vector<std::string>& columns, const std::vector<std::string>& header,
                         const fs::path& folder, const std::string& where) {
  if (columns.size() > header.size()) {
    throw Error(ErrorKind::input, "{}: {} columns, expected at most {}: {}", where, columns.size(),
                header.size(), fmt::join(header, ", "));
  }
  if (columns[0].empty())
    throw Error(ErrorKind::input, "{}: no path, expected a session folder or .h5 file", where);
  SessionSpec spec{name_of(folder / columns[0]), folder / columns[0]};
  for (std::size_t i = 1; i < columns.size(); ++i) {
    if (columns[i].empty()) continue;
    if (header[i] == "id") {
      spec.id = columns[i];
    } else {
      spec.overrides.push_back(header[i] + "=" + columns[i]);
    }
  }
  check_id(spec.id, where);
  return spec;
}

}  // namespace

std::string list_cell(const std::string& text) {
  if (!has_control_characters(text) && trimmed(text) == text) return text;
  throw Error(
      ErrorKind::input,
      "{}: no list of sessions has room for a name with a line break, tab or the like, or with a blank "
      "at one of its ends",
      text);
}

SessionSpec session_from_path(const fs::path& path) {
  SessionSpec spec{name_of(path), path};
  check_id(spec.id, path.string());
  return spec;
}

std::vector<SessionSpec> sessions_of_pattern(const std::string& pattern) {
  glob_t found{};
  std::vector<SessionSpec> specs;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) specs.push_back(session_from_path(found.gl_pathv[i]));
  }
  ::globfree(&found);
  if (specs.empty())
    throw Error(ErrorKind::input, "{}: no session folder or .h5 file matches this pattern", pattern);
  return specs;
}

std::vector<SessionSpec> read_manifest(const fs::path& path) {
  std::string text = read_text(path, ErrorKind::input, "this list of sessions cannot be opened");
  // Old spreadsheets on a Mac end lines so.
  if (text.find('\n') == std::string::npos) std::replace(text.begin(), text.end(), '\r', '\n');
  std::istringstream stream(text);
  std::vector<SessionSpec> specs;
  std::map<std::string, std::size_t> lines_of_ids;
  std::vector<std::string> header = {"path", "id"};
  bool first = true;
  std::size_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    if (++number == 1) {
      check_encoding(line, path.string());
      if (line.starts_with(byte_order_mark)) line.erase(0, byte_order_mark.size());
    }
    const std::vector<std::string> columns = columns_of(line);
    if (columns.empty() || columns[0].starts_with('#')) continue;
    if (first) check_separator(columns[0], fmt::format("{} line {}", path.string(), number));
    const bool names_columns = first && is_header(columns);
    first = false;
    if (names_columns) {
      header = columns;
      continue;
    }
    const std::string where = fmt::format("{} line {}", path.string(), number);
    specs.push_back(spec_of_line(columns, header, path.parent_path(), where));
    const auto [at, fresh] = lines_of_ids.emplace(specs.back().id, number);
    if (!fresh) {
      throw Error(
          ErrorKind::input,
          "{}: the id '{}' stands in line {} already. Give one of the two another id, in a second column.",
          where, specs.back().id, at->second);
    }
  }
  if (specs.empty())
    throw Error(ErrorKind::input, "{}: names no session, expected one a line", path.string());
  return specs;
}

}  // namespace rnn_rates::session
