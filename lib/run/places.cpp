#include "run/places.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace rnn_rates::run {
namespace {

namespace fs = std::filesystem;

/// What tells a file from all others, whatever it is called.
using FileNumber = std::pair<dev_t, ino_t>;

struct Numbered {
  FileNumber number;
  nlink_t names;
};

/// Links followed; nothing where there is no such file.
std::optional<Numbered> number_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return Numbered{{status.st_dev, status.st_ino}, status.st_nlink};
}

fs::path folder_of_recording(const SessionFolder& session) {
  std::error_code unseen;
  return fs::is_directory(session.source, unseen) ? session.source : folder_of(session.source);
}

/// What is in the folders of results: entries that a stage may replace.
std::vector<fs::directory_entry> entries_of_results(const SessionFolder& session) {
  std::vector<fs::directory_entry> entries;
  std::error_code failure;
  for (const fs::path& folder : {session.out, session.models()}) {
    for (fs::directory_iterator entry(folder, failure); !failure && entry != fs::directory_iterator();
         entry.increment(failure))
      entries.push_back(*entry);
  }
  for (fs::recursive_directory_iterator entry(session.plots(), failure);
       !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure))
    entries.push_back(*entry);
  return entries;
}

[[noreturn]] void refuse(const fs::path& output, const fs::path& input) {
  throw Error(
      ErrorKind::output,
      "{}: is the same file as {}, which is an input: nothing is written over it. Remove the link, or "
      "choose another folder with --out.",
      output.string(), input.string());
}

}  // namespace

void check_folders_of_results(const std::vector<SessionFolder>& sessions) {
  std::map<FileNumber, fs::path> recordings;
  for (const SessionFolder& session : sessions) {
    const fs::path folder = folder_of_recording(session);
    if (const auto number = number_of(folder)) recordings.emplace(number->number, folder);
  }
  for (const SessionFolder& session : sessions) {
    for (const fs::path& folder : {session.out, session.models(), session.plots()}) {
      const auto number = number_of(folder);
      if (!number || !recordings.contains(number->number)) continue;
      throw Error(ErrorKind::usage,
                  "session {}: its results would be put into {}, a folder with a recording, and be taken for "
                  "recordings. Choose another folder with --out.",
                  session.id, folder.string());
    }
  }
}

std::vector<fs::path> possible_inputs(const SessionFolder& session) {
  std::error_code failure;
  if (!fs::is_directory(session.source, failure)) return {session.source};
  constexpr std::array<std::string_view, 5> extensions = {".h5", ".nwb", ".info", ".params", ".csv"};
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(session.source, failure); !failure && entry != fs::directory_iterator();
       entry.increment(failure)) {
    const std::string extension = entry->path().extension().string();
    if (std::find(extensions.begin(), extensions.end(), extension) != extensions.end())
      files.push_back(entry->path());
  }
  return files;
}

void check_no_output_is(const std::vector<fs::path>& inputs, const SessionFolder& session) {
  std::map<FileNumber, fs::path> numbers;
  bool further_names = false;
  for (const fs::path& input : inputs) {
    const auto number = number_of(input);
    if (!number) continue;
    numbers.emplace(number->number, input);
    further_names = further_names || number->names > 1;
  }
  const auto check = [&](const fs::path& output) {
    const auto number = number_of(output);
    if (number) {
      const auto found = numbers.find(number->number);
      if (found != numbers.end()) refuse(output, found->second);
    }
    return number;
  };
  for (const fs::path& output :
       {session.bins(), session.pca(), session.rates(), session.rates_nwb(), session.report()}) {
    // What one stage makes is what the next one reads.
    if (const auto number = check(output)) numbers.emplace(number->number, output);
  }
  std::error_code unseen;
  for (const fs::directory_entry& entry : entries_of_results(session)) {
    const fs::path& path = entry.path();
    if (numbers.empty() || path == session.bins() || path == session.pca() || path == session.rates() ||
        path == session.rates_nwb() || path == session.report())
      continue;
    if (further_names || entry.is_symlink(unseen)) check(path);
  }
}

}  // namespace rnn_rates::run
