#include "mpi/share.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "mpi/mailbox.hpp"
#include "mpi/task_queue.hpp"
#include "mpi/workers.hpp"

namespace rnn_rates::mpi {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// First byte of a letter; what follows it.
enum class Word : char {
  ready = 'r',     ///< to rank 0: number of threads
  done = 'd',      ///< to rank 0: index of the task, result
  progress = 'p',  ///< to rank 0: units done
  bye = 'b',       ///< to rank 0: RankTiming
  task = 't',      ///< from rank 0: index of the task, what
  stop = 's',      ///< from rank 0
  end = 'e',       ///< from rank 0: all is done
};

template <class T>
std::string letter(Word word, const T& value, const std::string& text = "") {
  std::string bytes(1 + sizeof value, static_cast<char>(word));
  std::memcpy(bytes.data() + 1, &value, sizeof value);
  return bytes + text;
}

std::string letter(Word word) { return std::string(1, static_cast<char>(word)); }

template <class T>
T value_of(const std::string& letter) {
  T value{};
  std::memcpy(&value, letter.data() + 1, std::min(sizeof value, letter.size() - 1));
  return value;
}

std::string text_after(const std::string& letter) { return letter.substr(1 + sizeof(std::size_t)); }

/// Sleeps grow from 20 us, right after something came in, to 5 ms: answers are quick where they follow each
/// other, and waiting costs a few thousandths of a core.
class Patience {
 public:
  std::chrono::microseconds next() {
    now_ = std::min<std::chrono::microseconds>(now_ * 2, 5ms);
    return now_;
  }
  void reset() { now_ = 10us; }

 private:
  std::chrono::microseconds now_ = 10us;
};

std::vector<double> costs_of(const std::vector<Task>& tasks) {
  std::vector<double> costs;
  costs.reserve(tasks.size());
  for (const Task& task : tasks) costs.push_back(task.cost);
  return costs;
}

/// What rank 0 and the others have in common.
class Rank {
 protected:
  Rank(const Group& group, const Sharing& sharing)
      : group_(group), sharing_(sharing), mailbox_(group), workers_(sharing.threads, sharing.work) {}

  /// Calls take(word, letter) for each letter that has come in; false where there was none.
  template <class Take>
  bool read_letters(Take&& take) {
    bool any = false;
    for (auto in = mailbox_.receive(); in; in = mailbox_.receive()) {
      any = true;
      take(static_cast<Word>(in->text[0]), *in);
    }
    return any;
  }

  RankTiming timing() const {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const std::chrono::duration<double> wall = Clock::now() - start_;
    return {tasks_, sharing_.threads, wall.count(), workers_.busy_s(),
            static_cast<double>(usage.ru_maxrss) * 1024.0};
  }

  const Group& group_;
  const Sharing& sharing_;
  Mailbox mailbox_;
  Workers workers_;
  std::size_t tasks_ = 0;
  const Clock::time_point start_ = Clock::now();
};

class Manager : Rank {
 public:
  Manager(const Group& group, const std::vector<Task>& tasks, const Sharing& sharing)
      : Rank(group, sharing),
        tasks_to_do_(tasks),
        queue_(costs_of(tasks), static_cast<std::size_t>(group.size())),
        timings_(static_cast<std::size_t>(group.size())) {}

  std::vector<RankTiming> run() {
    queue_.join(0, sharing_.threads);
    hand_out(0);
    Patience patience;
    while (!queue_.done() || joined_ < group_.size()) {
      if (!stopping_ && sharing_.stop_requested()) stop();
      const bool mine = take_own(patience.next());
      if (read_letters() || mine) patience.reset();
    }
    say_to_all(letter(Word::end));
    for (patience.reset(); left_ < group_.size();) {
      if (!read_letters()) std::this_thread::sleep_for(patience.next());
    }
    mailbox_.flush();
    timings_[0] = timing();
    return timings_;
  }

 private:
  void hand_out(int rank) {
    for (const std::size_t task : queue_.hand_out(static_cast<std::size_t>(rank))) {
      if (rank == 0) {
        workers_.add(task, tasks_to_do_[task].what);
      } else {
        mailbox_.send(rank, letter(Word::task, task, tasks_to_do_[task].what));
      }
    }
  }

  void finish(int rank, std::size_t task, const std::string& result) {
    queue_.finish(static_cast<std::size_t>(rank));
    sharing_.on_result(task, rank, result);
    if (!stopping_ && sharing_.stop_requested()) stop();
    hand_out(rank);
  }

  bool take_own(std::chrono::microseconds most) {
    const auto done = workers_.take_done(most);
    for (const auto& [task, result] : done) {
      ++Rank::tasks_;
      finish(0, task, result);
    }
    return !done.empty();
  }

  bool read_letters() {
    return Rank::read_letters([&](Word word, const Mailbox::Letter& in) {
      switch (word) {
        case Word::ready:
          ++joined_;
          queue_.join(static_cast<std::size_t>(in.from), value_of<std::size_t>(in.text));
          hand_out(in.from);
          if (stopping_) mailbox_.send(in.from, letter(Word::stop));
          break;
        case Word::done:
          finish(in.from, value_of<std::size_t>(in.text), text_after(in.text));
          break;
        case Word::progress:
          if (sharing_.on_progress) sharing_.on_progress(value_of<std::uint64_t>(in.text));
          break;
        case Word::bye:
          ++left_;
          timings_[static_cast<std::size_t>(in.from)] = value_of<RankTiming>(in.text);
          break;
        default:
          break;
      }
    });
  }

  void stop() {
    stopping_ = true;
    queue_.close();
    sharing_.request_stop();
    say_to_all(letter(Word::stop));
  }

  void say_to_all(const std::string& text) {
    for (int rank = 1; rank < group_.size(); ++rank) mailbox_.send(rank, text);
  }

  const std::vector<Task>& tasks_to_do_;
  TaskQueue queue_;
  std::vector<RankTiming> timings_;
  int joined_ = 1, left_ = 1;
  bool stopping_ = false;
};

class Worker : Rank {
 public:
  Worker(const Group& group, const Sharing& sharing) : Rank(group, sharing) {}

  void run() {
    mailbox_.send(0, letter(Word::ready, sharing_.threads));
    Patience patience;
    while (!ended_) {
      const auto done = workers_.take_done(patience.next());
      // Before the result, so that the count is whole when the last result is there.
      report_progress(!done.empty());
      for (const auto& [task, result] : done) {
        ++tasks_;
        mailbox_.send(0, letter(Word::done, task, result));
      }
      if (read_letters() || !done.empty()) patience.reset();
    }
    mailbox_.send(0, letter(Word::bye, timing()));
    mailbox_.flush();
  }

 private:
  bool read_letters() {
    return Rank::read_letters([&](Word word, const Mailbox::Letter& in) {
      if (word == Word::task) workers_.add(value_of<std::size_t>(in.text), text_after(in.text));
      if (word == Word::stop) sharing_.request_stop();
      if (word == Word::end) ended_ = true;
    });
  }

  void report_progress(bool now) {
    if (!sharing_.take_progress || (!now && Clock::now() - last_report_ < report_interval_)) return;
    last_report_ = Clock::now();
    const std::uint64_t units = sharing_.take_progress();
    if (units > 0) mailbox_.send(0, letter(Word::progress, units));
  }

  bool ended_ = false;
  Clock::time_point last_report_ = Clock::now();
  /// However many ranks there are, rank 0 gets at most 100 reports a second.
  const Clock::duration report_interval_ = std::max<Clock::duration>(1s, 10ms * group_.size());
};

/// Where `role`, a Manager or Worker, fails, its destructor waits for the tasks under way, and the caller,
/// who may have to end other ranks, for that: so they are told to stop.
template <class Role>
auto run_or_stop(Role& role, const Sharing& sharing) {
  try {
    return role.run();
  } catch (...) {
    sharing.request_stop();
    throw;
  }
}

std::vector<RankTiming> do_alone(const std::vector<Task>& tasks, const Sharing& sharing) {
  TaskQueue queue(costs_of(tasks), 1);
  queue.join(0, 1);
  while (!queue.done() && !sharing.stop_requested()) {
    for (const std::size_t task : queue.hand_out(0)) {
      sharing.on_result(task, 0, sharing.work(tasks[task].what));
      queue.finish(0);
    }
  }
  return {};
}

}  // namespace

double RankTiming::idle() const {
  const double available = wall_s * static_cast<double>(threads);
  return available > 0 ? std::clamp(1.0 - busy_s / available, 0.0, 1.0) : 0.0;
}

std::vector<RankTiming> share_tasks(const Group& group, const std::vector<Task>& tasks,
                                    const Sharing& sharing) {
  if (group.size() == 1 && sharing.threads == 1) return do_alone(tasks, sharing);
  if (group.rank() == 0) {
    Manager manager(group, tasks, sharing);
    return run_or_stop(manager, sharing);
  }
  Worker worker(group, sharing);
  run_or_stop(worker, sharing);
  return {};
}

}  // namespace rnn_rates::mpi
