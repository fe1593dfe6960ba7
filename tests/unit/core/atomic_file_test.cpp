#include "core/atomic_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "core/error.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a file appears under its name only when published") {
  const test::TemporaryFolder folder;
  AtomicFile file(folder / "a b.txt");
  std::ofstream(file.temporary()) << "whole";
  CHECK_FALSE(fs::exists(folder / "a b.txt"));
  CHECK(file.temporary().parent_path() == folder.path());
  file.publish();
  CHECK(text_of(folder / "a b.txt") == "whole");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("an unpublished file leaves nothing behind and the old one untouched") {
  const test::TemporaryFolder folder;
  write_file(folder / "a.txt", "old");
  {
    AtomicFile file(folder / "a.txt");
    std::ofstream(file.temporary()) << "new";
  }
  CHECK(text_of(folder / "a.txt") == "old");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("a folder that is not there is an output error that names it") {
  const test::TemporaryFolder folder;
  test::expect_error(ErrorKind::output, {"missing", "--out"}, [&] { AtomicFile(folder / "missing/a.txt"); });
}

TEST_CASE("a folder cannot be created below a file") {
  const test::TemporaryFolder folder;
  write_file(folder / "a.txt", "");
  test::expect_error(ErrorKind::output, {"a.txt/below"}, [&] { create_folders(folder / "a.txt/below"); });
}
