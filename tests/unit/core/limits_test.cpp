#include "core/limits.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <cerrno>
#include <filesystem>
#include <new>
#include <system_error>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;

namespace {

/// While it lives the process can open no more files.
class NoOpenFiles {
 public:
  NoOpenFiles() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  NoOpenFiles(const NoOpenFiles&) = delete;
  NoOpenFiles& operator=(const NoOpenFiles&) = delete;
  ~NoOpenFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

void is_said(const std::exception& thrown, const std::string& words) {
  const Error error = failure_of(thrown, "session a");
  CHECK(error.kind() == ErrorKind::runtime);
  CHECK_MESSAGE(std::string(error.what()).find(words) != std::string::npos, error.what());
}

}  // namespace

TEST_CASE("limits of the system are runtime errors that name them, whoever met them") {
  is_said(std::bad_alloc(), "session a: not enough memory");
  is_said(std::system_error(EAGAIN, std::generic_category()), "session a: no more threads or processes");
  const std::filesystem::filesystem_error listing("", "/data", {EMFILE, std::generic_category()});
  is_said(listing, "/data: too many open files");
  CHECK_FALSE(limit_met(ENOENT, "/data"));
}

TEST_CASE("a file that cannot be created for want of open files is no trouble of its folder") {
  const test::TemporaryFolder folder;
  std::string said;
  try {
    const NoOpenFiles limit;
    AtomicFile(folder / "bins.h5");
  } catch (const LimitMet& met) {
    said = met.what();
  }
  CHECK(said.find("bins.h5: too many open files") != std::string::npos);
}

TEST_CASE("as many files can be open as the system allows") {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit low{64, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &low);
  raise_limit_of_open_files();
  rlimit now{};
  ::getrlimit(RLIMIT_NOFILE, &now);
  CHECK(now.rlim_cur == before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}
