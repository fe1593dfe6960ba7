#pragma once

#include <mpi.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "mpi/group.hpp"

namespace rnn_rates::mpi {

/// Texts from rank to rank that neither side waits for. Calls MPI, so only the thread that started MPI may
/// use it.
class Mailbox {
 public:
  struct Letter {
    int from;
    std::string text;
  };

  /// Letters travel apart from the group's other messages. All ranks make and destroy it together.
  explicit Mailbox(const Group& group);
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void send(int to, std::string text);
  /// A letter that has come in, if any. Letters of one sender come in their order.
  std::optional<Letter> receive();
  /// Waits until all that was sent has left.
  void flush();

 private:
  struct Sending {
    MPI_Request request;
    std::unique_ptr<std::string> text;
  };
  void forget_sent();

  MPI_Comm communicator_ = MPI_COMM_NULL;
  std::deque<Sending> sending_;
};

}  // namespace rnn_rates::mpi
