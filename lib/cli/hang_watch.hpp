#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace rnn_rates::cli {

/// HDF5 (1.10.8 does) goes round for ever on some damaged files that cannot be told from whole ones before it
/// reads them. While this lives, a single call of it in h5::reading() that has taken `longest_cpu` of
/// processor time ends the program with the exit code of input errors and a message that names the file
/// opened last.
class HangWatch {
 public:
  explicit HangWatch(std::string program, std::chrono::milliseconds longest_cpu = std::chrono::seconds(30));

 private:
  void watch(const std::stop_token& end);

  std::string program_;
  std::chrono::milliseconds longest_cpu_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace rnn_rates::cli
