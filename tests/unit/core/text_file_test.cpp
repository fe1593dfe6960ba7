#include "core/text_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "core/atomic_file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;

namespace {

std::string read(const std::filesystem::path& path, std::size_t longest = 1000) {
  return read_text(path, ErrorKind::config, "these notes cannot be read", longest);
}

void refused(const std::filesystem::path& path, const std::string& reason) {
  test::expect_error(ErrorKind::config, {path.string(), "these notes cannot be read", reason},
                     [&] { read(path); });
}

}  // namespace

TEST_CASE("a text is read whole, whatever is in it") {
  const test::TemporaryFolder folder;
  const std::string text("a\0\xff\r\n", 5);
  write_file(folder / "notes", text);
  CHECK(read(folder / "notes") == text);
  CHECK(read(folder / "notes", 5) == text);
  CHECK(read("/dev/null").empty());
}

TEST_CASE("what is no text, or has no end, is refused") {
  const test::TemporaryFolder folder;
  refused(folder / "nowhere", "No such file");
  refused(folder.path(), "Is a directory");
  refused("/dev/zero", "more than 1 kB");
  write_file(folder / "long", std::string(1001, 'a'));
  refused(folder / "long", "more than 1 kB");
}

TEST_CASE("a pipe is read as it comes, and not waited for where nobody writes") {
  const test::TemporaryFolder folder;
  const std::filesystem::path pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  refused(pipe, "nobody writes");
  std::jthread writer([&] {
    std::ofstream stream(pipe);
    stream << "one " << std::flush;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stream << "two";
  });
  CHECK(read(pipe) == "one two");
}
