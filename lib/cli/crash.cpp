#include "cli/crash.hpp"

#include <dlfcn.h>
#include <execinfo.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <string>

#include "core/error.hpp"
#include "core/folder_lock.hpp"
#include "h5/file.hpp"

namespace rnn_rates::cli {
namespace {

constexpr int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGABRT};

std::string program_name;
struct sigaction earlier[std::size(crashes)];

/// File of the program or library that the code at `address` stands in; "" where that is not known.
const char* module_of(const void* address) {
  Dl_info found;
  return dladdr(address, &found) != 0 && found.dli_fname != nullptr ? found.dli_fname : "";
}

bool is_runtime(const char* module) {
  constexpr const char* runtimes[] = {"/libc.",      "/libm.",    "/libpthread.", "/libgcc_s.",
                                      "/libstdc++.", "/libasan.", "/libubsan.",   "/ld-linux"};
  return std::any_of(std::begin(runtimes), std::end(runtimes),
                     [&](const char* each) { return std::strstr(module, each) != nullptr; });
}

/// True for code of the C library that hands out memory and takes it back.
bool is_heap(const void* address) {
  Dl_info found;
  if (dladdr(address, &found) == 0 || found.dli_sname == nullptr) return false;
  return std::strstr(found.dli_sname, "alloc") != nullptr || std::strstr(found.dli_sname, "free") != nullptr;
}

enum class Cause { in_hdf5, heap_in_disorder, other };

/// in_hdf5: the code that crashed, or that called a function of the C or C++ library which did, is HDF5's.
/// heap_in_disorder: the C library found that something had written past its memory. The stack begins with
/// the handler, in this program, and what called it, in the C library.
Cause cause_of(int signal) {
  void* frames[64];
  const int count = backtrace(frames, std::size(frames));
  const char* own = module_of(frames[0]);
  bool heap = false;
  int i = 0;
  while (i < count && std::strcmp(module_of(frames[i]), own) == 0) ++i;
  for (; i < count && is_runtime(module_of(frames[i])); ++i) heap = heap || is_heap(frames[i]);
  if (i < count && std::strstr(module_of(frames[i]), "libhdf5") != nullptr) return Cause::in_hdf5;
  return signal == SIGABRT && heap ? Cause::heap_in_disorder : Cause::other;
}

void say(const char* text) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text, std::strlen(text));
}

void on_crash(int signal, siginfo_t* what, void*) {
  // Memory may be in disorder: whatever waits for ever in here is not to.
  alarm(10);
  const bool sent_by_somebody = what->si_code == SI_USER;
  const Cause cause = sent_by_somebody ? Cause::other : cause_of(signal);
  if (cause == Cause::in_hdf5 || (cause == Cause::heap_in_disorder && *h5::last_opened() != '\0')) {
    say(program_name.c_str());
    say(" error: ");
    say(h5::last_opened());
    say(cause == Cause::in_hdf5 ? ": HDF5 itself crashed on this file, which must be damaged."
                                : ": memory is in disorder since this file was read, as HDF5 leaves it after "
                                  "some damaged files.");
    say(" Restore it from a copy, or run the stage that made it with --force.\n");
    FolderLock::give_back_last();
    _exit(static_cast<int>(ErrorKind::input));
  }
  const auto* found = std::find(std::begin(crashes), std::end(crashes), signal);
  sigaction(signal, &earlier[found - std::begin(crashes)], nullptr);
  raise(signal);
}

}  // namespace

void explain_crashes_of_hdf5(const std::string& program) {
  program_name = program;
  // The first call loads what it needs, for which it is too late after a crash.
  void* frame[1];
  backtrace(frame, 1);
  // A stack of its own, as a crash may be for want of stack.
  static std::byte stack[64 * 1024];
  stack_t other{};
  other.ss_sp = stack;
  other.ss_size = sizeof stack;
  sigaltstack(&other, nullptr);
  struct sigaction action {};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (std::size_t i = 0; i < std::size(crashes); ++i) sigaction(crashes[i], &action, &earlier[i]);
}

}  // namespace rnn_rates::cli
