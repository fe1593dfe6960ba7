#include "core/folder_lock.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/host.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

/// Hears when a job begins to wait for a lock.
class Listener : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::atomic<bool> heard{false};

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (std::string_view(message.payload.data(), message.payload.size()).find("waiting for") ==
        std::string::npos)
      return;
    heard = true;
    heard.notify_all();
  }
  void flush_() override {}
};

/// Number of a process that existed and is gone.
pid_t dead_process() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  return child;
}

void write_lock(const fs::path& folder, const std::string& host, const std::string& process) {
  std::ofstream(folder / ".rnn_rates.lock") << "their job\n"
                                            << host << "\n"
                                            << process << "\n2026-01-01T00:00:00Z\n";
}

/// The usual times, but for how long a lock is watched.
LockTimes watched_for(std::chrono::milliseconds time) {
  LockTimes times;
  times.watched = time;
  return times;
}

/// Takes the lock of `folder` for `job` and gives it back, `rounds` times, and tries again where another job
/// has it. While it is held, a file names the job in `at_work`, where nothing of another job may be.
void work_in_turns(const fs::path& folder, const fs::path& at_work, const std::string& job, int rounds) {
  const fs::path mine = at_work / fmt::format("{}.{}", job, getpid());
  while (rounds > 0) {
    try {
      const FolderLock lock(folder, job, false);
      std::ofstream(mine) << "at work";
      for (const fs::directory_entry& entry : fs::directory_iterator(at_work)) {
        const std::string other = entry.path().filename().string();
        if (!other.starts_with(job)) throw std::runtime_error(fmt::format("{} works beside {}", job, other));
      }
      fs::remove(mine);
      --rounds;
    } catch (const Error& refused) {
      if (std::string(refused.what()).find(" on " + host_name() + " since 20") == std::string::npos) throw;
    }
  }
}

/// Runs each piece of work in a process of its own and returns what those that failed said.
std::string failures_of(const std::vector<std::function<void()>>& pieces, const fs::path& said) {
  std::vector<pid_t> children;
  for (const auto& piece : pieces) {
    children.push_back(fork());
    if (children.back() != 0) continue;
    try {
      piece();
    } catch (const std::exception& error) {
      std::ofstream(said / std::to_string(getpid())) << error.what();
      _exit(1);
    }
    _exit(0);
  }
  std::string failures;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    if (status == 0) continue;
    std::ifstream words(said / std::to_string(child));
    failures +=
        std::string(std::istreambuf_iterator<char>(words), {}) + fmt::format(" (status {})\n", status);
  }
  return failures;
}

}  // namespace

TEST_CASE("processes of one job that come and go never refuse each other") {
  const test::TemporaryFolder folder;
  const auto come_and_go = [&] {
    for (int round = 0; round < 300; ++round) FolderLock(folder.path(), "job", false);
  };
  CHECK(failures_of({come_and_go, come_and_go, come_and_go, come_and_go}, folder.path()) == "");
}

TEST_CASE("processes of two jobs that come and go never work at once") {
  const test::TemporaryFolder folder;
  const test::TemporaryFolder at_work;
  const auto job = [&](const std::string& name) {
    return [&, name] { work_in_turns(folder.path(), at_work.path(), name, 300); };
  };
  CHECK(failures_of({job("a"), job("a"), job("b"), job("b")}, folder.path()) == "");
}

TEST_CASE("a second job is refused, naming the holder, until the first gives the lock back") {
  const test::TemporaryFolder folder;
  {
    const FolderLock first(folder.path(), "job 1", false);
    test::expect_error(ErrorKind::output,
                       {folder.path().string(), std::to_string(getpid()), host_name(), "--wait"},
                       [&] { FolderLock(folder.path(), "job 2", false); });
  }
  CHECK(entries(folder.path()) == 0);
  CHECK_NOTHROW(FolderLock(folder.path(), "job 2", false));
}

TEST_CASE("with wait the second job begins when the first ends") {
  const test::TemporaryFolder folder;
  const auto listener = std::make_shared<Listener>();
  spdlog::default_logger()->sinks().push_back(listener);
  std::atomic<bool> first_ended{false};
  auto first = std::make_unique<FolderLock>(folder.path(), "job 1", false);
  std::jthread ending([&] {
    listener->heard.wait(false);
    first_ended = true;
    first.reset();
  });
  const FolderLock second(folder.path(), "job 2", true);
  CHECK(first_ended);
  spdlog::default_logger()->sinks().pop_back();
}

TEST_CASE("processes of one job share the lock") {
  const test::TemporaryFolder folder;
  auto first = std::make_unique<FolderLock>(folder.path(), "job 1", false);
  const FolderLock second(folder.path(), "job 1", false);
  first.reset();
  test::expect_error(ErrorKind::output, {"another run"}, [&] { FolderLock(folder.path(), "job 2", false); });
}

TEST_CASE("the lock of a process that is gone is taken over, that of a live one is not") {
  const test::TemporaryFolder folder;
  write_lock(folder.path(), host_name(), std::to_string(dead_process()) + " 1");
  CHECK_NOTHROW(FolderLock(folder.path(), "job 2", false));
  // Process 1 lives, but did not start at tick 99999999999: the number was used again.
  write_lock(folder.path(), host_name(), "1 99999999999");
  CHECK_NOTHROW(FolderLock(folder.path(), "job 2", false));
  CHECK(entries(folder.path()) == 0);
}

TEST_CASE("a process that has ended and that nobody waited for holds nothing") {
  const test::TemporaryFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  const std::string identity = process_identity(child);
  REQUIRE_FALSE(identity.empty());
  write_lock(folder.path(), host_name(), identity);
  test::expect_error(ErrorKind::output, {"another run"}, [&] { FolderLock(folder.path(), "job 2", false); });
  kill(child, SIGKILL);
  siginfo_t ended;
  REQUIRE(waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) == 0);
  CHECK_NOTHROW(FolderLock(folder.path(), "job 2", false));
  waitpid(child, nullptr, 0);
}

TEST_CASE("the lock of another host is lost when it was not renewed for minutes") {
  const test::TemporaryFolder folder;
  write_lock(folder.path(), "elsewhere", "12 34");
  test::expect_error(ErrorKind::output, {"process 12 on elsewhere since 2026"},
                     [&] { FolderLock(folder.path(), "job 2", false); });
  fs::last_write_time(folder / ".rnn_rates.lock", fs::file_time_type::clock::now() - 6min);
  CHECK_NOTHROW(FolderLock(folder.path(), "job 2", false, watched_for(50ms)));
}

TEST_CASE("a lock that is renewed is never taken over, however old its date is") {
  const test::TemporaryFolder folder;
  const fs::path file = folder / ".rnn_rates.lock";
  write_lock(folder.path(), "elsewhere", "12 34");
  fs::last_write_time(file, fs::file_time_type::clock::now() - 1h);
  std::jthread holder([&](const std::stop_token& end) {
    for (int renewal = 0; !end.stop_requested(); ++renewal) {
      fs::last_write_time(file, fs::file_time_type::clock::now() - 1h + renewal * 1s);
      std::this_thread::sleep_for(20ms);
    }
  });
  std::jthread stop([&](const std::stop_token&) {
    std::this_thread::sleep_for(1s);
    fs::last_write_time(file, fs::file_time_type::clock::now());
    holder.request_stop();
  });
  test::expect_error(ErrorKind::output, {"process 12 on elsewhere"},
                     [&] { FolderLock(folder.path(), "job 2", false, watched_for(500ms)); });
}

TEST_CASE("a lock dated in the future counts as one of now") {
  const test::TemporaryFolder folder;
  const fs::path file = folder / ".rnn_rates.lock";
  write_lock(folder.path(), "elsewhere", "12 34");
  fs::last_write_time(file, fs::file_time_type::clock::now() + 24h);
  test::expect_error(ErrorKind::output, {"process 12 on elsewhere"},
                     [&] { FolderLock(folder.path(), "job 2", false); });
  CHECK(fs::last_write_time(file) < fs::file_time_type::clock::now() + 1min);
}

TEST_CASE("a process that is not to be seen here holds its lock: on another machine of this name") {
  const test::TemporaryFolder folder;
  std::ofstream(folder / ".rnn_rates.lock") << "their job\n"
                                            << host_name() << "\n"
                                            << dead_process() << " 1\n2026-01-01T00:00:00Z\nanother-start\n";
  test::expect_error(ErrorKind::output, {"another run"}, [&] { FolderLock(folder.path(), "job 2", false); });
}

TEST_CASE("a process that is not to be seen here holds its lock: it has the file locked") {
  const test::TemporaryFolder folder;
  write_lock(folder.path(), host_name(), std::to_string(dead_process()) + " 1");
  const int holder = open((folder / ".rnn_rates.lock").c_str(), O_RDONLY);
  REQUIRE(flock(holder, LOCK_EX) == 0);
  test::expect_error(ErrorKind::output, {"another run"}, [&] { FolderLock(folder.path(), "job 2", false); });
  close(holder);
  CHECK_NOTHROW(FolderLock(folder.path(), "job 2", false));
}

TEST_CASE("a lock can be read by all, whatever the umask") {
  const test::TemporaryFolder folder;
  const mode_t before = umask(077);
  const FolderLock lock(folder.path(), "job", false);
  umask(before);
  CHECK((fs::status(folder / ".rnn_rates.lock").permissions() & fs::perms::mask) == fs::perms(0644));
}

TEST_CASE("nothing is published once another run has taken the lock over") {
  const test::TemporaryFolder folder;
  {
    const FolderLock lock(folder / "out", "job", false);
    write_file(folder / "out/a.txt", "mine");
    fs::remove(folder / "out/.rnn_rates.lock");
    write_lock(folder / "out", "elsewhere", "12 34");
    test::expect_error(ErrorKind::output, {"lock", "a.txt was not written"},
                       [&] { write_file(folder / "out/a.txt", "late"); });
    CHECK_NOTHROW(write_file(folder / "elsewhere.txt", "not under this lock"));
  }
  CHECK(entries(folder / "out") == 2);
  CHECK(fs::exists(folder / "out/.rnn_rates.lock"));
  std::ifstream kept(folder / "out/a.txt");
  CHECK(std::string(std::istreambuf_iterator<char>(kept), {}) == "mine");
}

TEST_CASE("a folder created for the lock goes away if nothing was put there") {
  const test::TemporaryFolder folder;
  { const FolderLock lock(folder / "empty", "job", false); }
  CHECK_FALSE(fs::exists(folder / "empty"));
  {
    const FolderLock lock(folder / "used", "job", false);
    write_file(folder / "used/a.txt", "");
  }
  CHECK(fs::exists(folder / "used/a.txt"));
}

TEST_CASE("leftovers of dead processes are removed, those of live ones and other files are not") {
  const test::TemporaryFolder folder;
  const std::string dead = fmt::format(".a.h5.{}.{}.tmp", host_name(), dead_process());
  const std::string live = fmt::format(".a.h5.{}.{}.tmp", host_name(), getpid());
  for (const std::string& name : {dead, live, std::string(".a.h5.elsewhere.1.tmp"), std::string("a.tmp")}) {
    std::ofstream(folder / name) << "x";
  }
  remove_leftovers(folder.path());
  CHECK_FALSE(fs::exists(folder / dead));
  CHECK(entries(folder.path()) == 3);
  fs::last_write_time(folder / ".a.h5.elsewhere.1.tmp", fs::file_time_type::clock::now() - 25h);
  remove_leftovers(folder.path());
  CHECK(entries(folder.path()) == 2);
}
