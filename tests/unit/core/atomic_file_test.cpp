#include "core/atomic_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>

#include "core/error.hpp"
#include "core/host.hpp"
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

TEST_CASE("a check that throws keeps the old file in place") {
  const test::TemporaryFolder folder;
  write_file(folder / "a.txt", "old");
  {
    AtomicFile file(folder / "a.txt");
    file.write("new");
    test::expect_error(ErrorKind::output, {"changed"},
                       [&] { file.publish([] { throw Error(ErrorKind::output, "changed"); }); });
  }
  CHECK(text_of(folder / "a.txt") == "old");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("leftovers of dead processes are removed, those of live ones and other files are not") {
  const test::TemporaryFolder folder;
  const auto of = [](const std::string& host, const std::string& process) {
    return fmt::format(".a.h5.{}.{}.tmp", host, process);
  };
  const std::string dead = of(host_name(), "999999999"), alive = of(host_name(), std::to_string(::getpid())),
                    no_process = of(host_name(), "99999999999999999999"), elsewhere = of("other-host", "1");
  for (const std::string& name : {dead, alive, no_process, elsewhere, std::string("b.h5")})
    write_file(folder / name, "");
  remove_leftovers(folder.path());
  CHECK_FALSE(fs::exists(folder / dead));
  for (const std::string& name : {alive, no_process, elsewhere, std::string("b.h5")})
    CHECK(fs::exists(folder / name));
  fs::last_write_time(folder / elsewhere, fs::file_time_type::clock::now() - std::chrono::hours(25));
  remove_leftovers(folder.path());
  CHECK_FALSE(fs::exists(folder / elsewhere));
}

TEST_CASE("temporary files have names of their own, whatever the length of the file's") {
  const test::TemporaryFolder folder;
  const fs::path target = folder / (std::string(250, 'a') + ".h5");
  AtomicFile first(target), second(target);
  CHECK(first.temporary() != second.temporary());
  first.write("first");
  second.write("second");
  second.publish();
  first.publish();
  CHECK(text_of(target) == "first");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("a temporary file that another one took the place of is not published") {
  const test::TemporaryFolder folder;
  write_file(folder / "a.txt", "old");
  write_file(folder / "theirs.txt", "theirs");
  {
    AtomicFile file(folder / "a.txt");
    file.write("new");
    fs::remove(file.temporary());
    fs::create_symlink(folder / "theirs.txt", file.temporary());
    test::expect_error(ErrorKind::output, {"a.txt", "temporary file"}, [&] { file.publish(); });
  }
  CHECK(text_of(folder / "a.txt") == "old");
  CHECK(text_of(folder / "theirs.txt") == "theirs");
  CHECK(entries(folder.path()) == 2);
}

TEST_CASE("of files that are the user's, only leftovers of the one named are removed, in their whole form") {
  const test::TemporaryFolder folder;
  const auto leftover = [&](const std::string& name, const std::string& random) {
    return fmt::format(".{}.{}.{}.999999999.tmp", name, random, host_name());
  };
  const std::string ours = leftover("a.h5", "0123456789abcdef"),
                    other_file = leftover("b.h5", "0123456789abcdef"),
                    other_program = leftover("a.h5", "backup"), plain = ".a.h5.backup.999999999.tmp";
  for (const std::string& name : {ours, other_file, other_program, plain}) {
    write_file(folder / name, "");
    fs::last_write_time(folder / name, fs::file_time_type::clock::now() - std::chrono::hours(48));
  }
  remove_leftovers_of(folder / "a.h5");
  CHECK_FALSE(fs::exists(folder / ours));
  for (const std::string& name : {other_file, other_program, plain}) CHECK(fs::exists(folder / name));
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
