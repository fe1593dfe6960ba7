#include "session/manifest.hpp"

#include <fmt/ranges.h>
#include <glob.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string_view>
#include <system_error>

#include "core/error.hpp"

namespace rnn_rates::session {
namespace {

namespace fs = std::filesystem;

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \r");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \r") - first + 1));
}

std::vector<std::string> columns_of(std::string_view line) {
  std::vector<std::string> columns;
  for (;;) {
    const std::size_t tab = line.find('\t');
    columns.push_back(trimmed(line.substr(0, tab)));
    if (tab == std::string_view::npos) return columns;
    line.remove_prefix(tab + 1);
  }
}

/// A header names "path" first, then "id" or settings, which are words of letters, digits, "_" and ".".
bool is_header(const std::vector<std::string>& columns) {
  return columns[0] == "path" && std::all_of(columns.begin() + 1, columns.end(), [](const std::string& name) {
           return !name.empty() &&
                  name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string::npos;
         });
}

/// The id becomes a folder's name.
bool is_file_name(const std::string& id) {
  return id.find('/') == std::string::npos && id != "." && id != "..";
}

SessionSpec spec_of_line(const std::vector<std::string>& columns, const std::vector<std::string>& header,
                         const fs::path& folder, const std::string& where) {
  if (columns.size() > header.size()) {
    throw Error(ErrorKind::input, "{}: {} columns, expected at most {}: {}", where, columns.size(),
                header.size(), fmt::join(header, ", "));
  }
  if (columns[0].empty())
    throw Error(ErrorKind::input, "{}: no path, expected a session folder or .h5 file", where);
  SessionSpec spec = session_from_path(folder / columns[0]);
  for (std::size_t i = 1; i < columns.size(); ++i) {
    if (columns[i].empty()) continue;
    if (header[i] == "id") {
      spec.id = columns[i];
    } else {
      spec.overrides.push_back(header[i] + "=" + columns[i]);
    }
  }
  if (!is_file_name(spec.id)) {
    throw Error(ErrorKind::input, "{}: the id '{}' cannot be a folder's name. Choose one without '/'.", where,
                spec.id);
  }
  return spec;
}

}  // namespace

SessionSpec session_from_path(const fs::path& path) {
  fs::path whole = path.empty() ? path : fs::absolute(path).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  std::error_code failure;
  const bool is_h5 =
      (whole.extension() == ".h5" || whole.extension() == ".nwb") && !fs::is_directory(whole, failure);
  const std::string id = (is_h5 ? whole.stem() : whole.filename()).string();
  if (id.empty()) throw Error(ErrorKind::input, "'{}': names no session folder or .h5 file", path.string());
  return {id, path, {}};
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
  std::ifstream stream(path);
  if (!stream || fs::is_directory(path)) {
    throw Error(ErrorKind::input, "{}: this list of sessions cannot be opened", path.string());
  }
  std::vector<SessionSpec> specs;
  std::map<std::string, std::size_t> lines_of_ids;
  std::vector<std::string> header = {"path", "id"};
  bool first = true;
  std::size_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (trimmed(line).empty() || trimmed(line).front() == '#') continue;
    const std::vector<std::string> columns = columns_of(line);
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
