#include "session/session_files.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include "core/error.hpp"

namespace rnn_rates::session {
namespace {

namespace fs = std::filesystem;

/// Names of the visible files with `extension` in `folder`, in byte order.
std::vector<std::string> files_with(const fs::path& folder, const std::string& extension) {
  std::vector<std::string> names;
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      const fs::path name = entry.path().filename();
      if (name.extension() == extension && name.string().front() != '.' && !entry.is_directory())
        names.push_back(name.string());
    }
  } catch (const fs::filesystem_error& failure) {
    throw Error(ErrorKind::input, "{}: this folder cannot be listed: {}", folder.string(),
                failure.code().message());
  }
  std::sort(names.begin(), names.end());
  return names;
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

fs::path file_in_folder(const fs::path& folder, const std::string& input) {
  std::vector<std::string> names = files_with(folder, ".h5");
  if (names.empty()) names = files_with(folder, ".nwb");
  if (!input.empty()) {
    for (const fs::path& path : {folder / input, fs::path(input)}) {
      std::error_code failure;
      if (fs::is_regular_file(path, failure)) return path;
    }
    throw Error(ErrorKind::input, "{}: no file '{}' as --input says; its .h5 files: {}", folder.string(),
                input, names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
  }
  if (names.empty()) {
    throw Error(
        ErrorKind::input,
        "{}: no .h5 file in this folder; expected the one that blech_clust writes for a session. Name "
        "the session's own folder, or the .h5 itself.",
        folder.string());
  }
  if (names.size() > 1) {
    throw Error(ErrorKind::input, "{}: {} .h5 files, expected one: {}. Choose with --input FILE.",
                folder.string(), names.size(), fmt::join(names, ", "));
  }
  return folder / names.front();
}

}  // namespace

SessionPlace locate_session(const fs::path& folder_or_h5, const std::string& input) {
  std::error_code failure;
  if (fs::is_directory(folder_or_h5, failure)) return {file_in_folder(folder_or_h5, input), true};
  if (!fs::exists(folder_or_h5, failure)) {
    if (failure && failure != std::errc::no_such_file_or_directory && failure != std::errc::not_a_directory) {
      throw Error(ErrorKind::input, "{}: cannot be looked at: {}", folder_or_h5.string(), failure.message());
    }
    throw Error(ErrorKind::input, "{}: no such session; expected a session folder or an .h5 file",
                folder_or_h5.string());
  }
  if (!input.empty() && fs::path(input).filename() != folder_or_h5.filename()) {
    throw Error(ErrorKind::input,
                "{}: is a file already, and --input names another, {}. Leave out one of the two.",
                folder_or_h5.string(), input);
  }
  return {folder_or_h5, false};
}

std::optional<fs::path> find_beside(const SessionPlace& place, const std::string& extension) {
  const fs::path folder = folder_of(place.h5);
  std::vector<std::string> names = files_with(folder, extension);
  for (const fs::path& stem :
       {place.h5.stem(), fs::absolute(place.h5).lexically_normal().parent_path().filename()}) {
    const std::string wanted = stem.string() + extension;
    if (std::find(names.begin(), names.end(), wanted) != names.end()) return folder / wanted;
  }
  if (!place.whole_folder) {
    std::erase_if(names, [&](const std::string& name) {
      std::error_code unseen;
      return fs::exists(folder / fs::path(name).replace_extension(".h5"), unseen);
    });
  }
  if (names.empty()) return std::nullopt;
  if (names.size() > 1) {
    throw Error(ErrorKind::input, "{}: {} {} files and none is named {}: {}. Rename the right one.",
                folder.string(), names.size(), extension, place.h5.stem().string() + extension,
                fmt::join(names, ", "));
  }
  return folder / names.front();
}

}  // namespace rnn_rates::session
