#pragma once

#include <optional>
#include <stdexcept>
#include <string>

namespace rnn_rates {

/// A limit of the process or the machine was met: open files, memory, threads and processes. It is no Error,
/// so that what makes the best of one, as of a damaged file, does not take it for that; in main it becomes an
/// Error(runtime).
class LimitMet : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What there is to throw for `reason`, an errno, if it is a limit of open files or memory; `where` names
/// what met it.
std::optional<LimitMet> limit_met(int reason, const std::string& where);

/// The same where a thread or process could not be started, of which EAGAIN tells.
LimitMet limit_of_processes(const std::string& where);

/// Throws what limit_met() gives.
void check_limits(int reason, const std::string& where);

/// As many open files as the system lets the process have, which may be more than it starts with.
void raise_limit_of_open_files();

/// Whether the process cannot get some tens of megabytes any more.
bool is_short_of_memory();

}  // namespace rnn_rates
