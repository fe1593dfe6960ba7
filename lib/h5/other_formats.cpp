#include "h5/other_formats.hpp"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

#include "h5/handle.hpp"

namespace rnn_rates::h5 {
namespace {

namespace fs = std::filesystem;

constexpr const char* not_fetched =
    "its data have not been fetched: git-annex keeps them elsewhere. Run git annex get (or datalad get) on "
    "it";

struct Beginning {
  std::string_view bytes;
  const char* meaning;
};
constexpr std::array<Beginning, 8> beginnings = {
    {{"version https://git-lfs",
      "its data have not been fetched: it is a pointer of Git LFS. Run git lfs pull"},
     {"/annex/objects/", not_fetched},
     {"MATLAB 5.0 MAT-file",
      "is a MATLAB file of an old version. Write it as HDF5, or export it as NWB with MatNWB"},
     {"\x1f\x8b", "is packed by gzip. Unpack it first"},
     {"PK\x03\x04", "is a zip archive, as numpy's .npz are. Unpack it, or write an .h5 from it"},
     {"\x93NUMPY", "is an array of numpy. Write it into an .h5 with h5py, as docs/own_recording.md shows"},
     {"CDF", "is NetCDF of an old version. Convert it: nccopy -k nc4 IN OUT"},
     {"{",
      "is a text in JSON, such as LINDI writes in the place of an NWB file. Store the recording as HDF5"}}};

/// HDF5's signature, and after it the version of the format.
constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";
constexpr unsigned char newest_known = 3;

std::string of_link(const fs::path& path) {
  std::error_code failure;
  const std::string target = fs::read_symlink(path, failure).string();
  if (target.find("annex/objects") != std::string::npos) return not_fetched;
  return fmt::format("is a link to {}, which is not there. Restore it", target);
}

}  // namespace

std::string recognise(const fs::path& path) {
  std::error_code failure;
  if (fs::is_symlink(path, failure) && !fs::exists(path, failure)) return of_link(path);
  std::ifstream stream(path, std::ios::binary);
  std::array<char, 64> read{};
  stream.read(read.data(), read.size());
  const std::string_view start(read.data(), static_cast<std::size_t>(stream.gcount()));
  if (start.empty()) return stream.eof() ? "is empty, not a whole HDF5 file. Restore it from a copy" : "";
  for (const auto& [bytes, meaning] : beginnings) {
    if (start.starts_with(bytes)) return meaning;
  }
  if (start.starts_with(signature) && start.size() > signature.size() &&
      static_cast<unsigned char>(start[signature.size()]) > newest_known) {
    return fmt::format(
        "was written by a newer HDF5 than {} can read. Convert it with that one's h5repack --low=0 --high=2 "
        "IN "
        "OUT",
        library_version());
  }
  return "";
}

}  // namespace rnn_rates::h5
