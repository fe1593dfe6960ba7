#include "h5/other_formats.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "h5/file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
using test::expect_error;

TEST_CASE("what cannot be opened is told by what it is") {
  const test::TemporaryFolder folder;
  const auto refused = [&](const std::string& bytes, const std::vector<std::string>& words) {
    std::ofstream(folder / "a.h5", std::ios::binary) << bytes;
    expect_error(ErrorKind::input, words, [&] { h5::File::open_read(folder / "a.h5"); });
  };
  refused("version https://git-lfs.github.com/spec/v1\noid sha256:1\n", {"a.h5: ", "git lfs pull"});
  refused("/annex/objects/MD5E-s1--1.h5\n", {"not been fetched", "git annex get"});
  refused("MATLAB 5.0 MAT-file, Platform: GLNXA64", {"MATLAB", "MatNWB"});
  refused("\x1f\x8b\x08", {"packed by gzip"});
  refused("\x93NUMPY\x01", {"numpy", "docs/own_recording.md"});
  refused("{\"refs\": {}}", {"JSON", "LINDI"});
  refused("", {"is empty"});
  refused("\x89HDF\r\n\x1a\n\x09", {"newer HDF5", "h5repack"});
  refused("anything else", {"not a whole HDF5 file"});
  std::filesystem::create_symlink(".git/annex/objects/x/y", folder / "b.h5");
  expect_error(ErrorKind::input, {"b.h5: ", "git annex get"}, [&] { h5::File::open_read(folder / "b.h5"); });
  std::filesystem::create_symlink("elsewhere/c.h5", folder / "c.h5");
  expect_error(ErrorKind::input, {"c.h5: is a link to elsewhere/c.h5, which is not there"},
               [&] { h5::File::open_read(folder / "c.h5"); });
}
