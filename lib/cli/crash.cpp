#include "cli/crash.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <iterator>

#include "h5/file.hpp"

namespace rnn_rates::cli {
namespace {

constexpr int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGABRT};

std::string program_name;
struct sigaction earlier[std::size(crashes)];  ///< what MPI or a sanitizer does then, else the default

void say(const char* text) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text, std::strlen(text));
}

void on_crash(int signal_number) {
  if (*h5::last_opened() != '\0') {
    for (const char* text :
         {program_name.c_str(), " error: crashed after it opened ", h5::last_opened(),
          ", which may be damaged: restore it from a copy, or run the stage that made it with "
          "--force.\n"})
      say(text);
  }
  for (std::size_t i = 0; i < std::size(crashes); ++i) sigaction(crashes[i], &earlier[i], nullptr);
  raise(signal_number);
}

}  // namespace

void name_file_on_crash(const std::string& program) {
  program_name = program;
  // A stack of its own, as the crash may be for want of stack.
  static std::byte stack[64 * 1024];
  stack_t other{};
  other.ss_sp = stack;
  other.ss_size = sizeof stack;
  sigaltstack(&other, nullptr);
  struct sigaction action {};
  action.sa_handler = on_crash;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  for (std::size_t i = 0; i < std::size(crashes); ++i) sigaction(crashes[i], &action, &earlier[i]);
}

}  // namespace rnn_rates::cli
