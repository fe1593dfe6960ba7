#include "session/session_files.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/characters.hpp"
#include "core/error.hpp"
#include "core/limits.hpp"

namespace rnn_rates::session {
namespace {

namespace fs = std::filesystem;

/// Throws Error(input) for a folder that is itself a recording, in a form that is not read.
void check_no_zarr(const fs::path& folder) {
  for (const char* sign : {".zgroup", ".zmetadata", "zarr.json"}) {
    std::error_code failure;
    if (!fs::exists(folder / sign, failure)) continue;
    throw Error(
        ErrorKind::input,
        "{}: is kept as Zarr, a folder, which is not read. Convert it to an NWB file in HDF5: open it with "
        "NWBZarrIO of hdmf-zarr, and export it with NWBHDF5IO of pynwb (docs/nwb.md)",
        folder.string());
  }
}

/// Names of the visible files with `extension`, in letters of any case, in `folder`, in byte order.
std::vector<std::string> files_with(const fs::path& folder, const std::string& extension) {
  std::vector<std::string> names;
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      const fs::path name = entry.path().filename();
      if (lower_case(name.extension().string()) == extension && name.string().front() != '.' &&
          !entry.is_directory() && !entry.is_other())
        names.push_back(name.string());
    }
  } catch (const fs::filesystem_error& failure) {
    check_limits(failure.code().value(), folder.string());
    throw Error(ErrorKind::input, "{}: this folder cannot be listed: {}", folder.string(),
                failure.code().message());
  }
  std::sort(names.begin(), names.end());
  return names;
}

fs::path file_in_folder(const fs::path& folder, const std::string& input) {
  check_no_zarr(folder);
  std::vector<std::string> names;
  for (const char* ending : {".h5", ".nwb", ".hdf5"}) {
    if (names.empty()) names = files_with(folder, ending);
  }
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
  // A link that leads nowhere is told of where it is opened.
  if (!fs::exists(folder_or_h5, failure) && !fs::is_symlink(folder_or_h5)) {
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
