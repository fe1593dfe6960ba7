#include "mpi/mailbox.hpp"

#include "mpi/communicator.hpp"

namespace rnn_rates::mpi {
namespace {

constexpr int letter_tag = 1;

}  // namespace

Mailbox::Mailbox(const Group& group) {
  if (group.size() > 1) check(MPI_Comm_dup(group.handle_->communicator, &communicator_), "MPI_Comm_dup");
}

Mailbox::~Mailbox() {
  if (communicator_ != MPI_COMM_NULL) MPI_Comm_free(&communicator_);
}

void Mailbox::send(int to, std::string text) {
  Sending sending{MPI_REQUEST_NULL, std::make_unique<std::string>(std::move(text))};
  check(MPI_Isend(sending.text->data(), static_cast<int>(sending.text->size()), MPI_CHAR, to, letter_tag,
                  communicator_, &sending.request),
        "MPI_Isend");
  sending_.push_back(std::move(sending));
  forget_sent();
}

std::optional<Mailbox::Letter> Mailbox::receive() {
  if (communicator_ == MPI_COMM_NULL) return std::nullopt;
  forget_sent();
  int there = 0, length = 0;
  MPI_Status status;
  check(MPI_Iprobe(MPI_ANY_SOURCE, letter_tag, communicator_, &there, &status), "MPI_Iprobe");
  if (there == 0) return std::nullopt;
  check(MPI_Get_count(&status, MPI_CHAR, &length), "MPI_Get_count");
  Letter letter{status.MPI_SOURCE, std::string(static_cast<std::size_t>(length), '\0')};
  check(MPI_Recv(letter.text.data(), length, MPI_CHAR, letter.from, letter_tag, communicator_,
                 MPI_STATUS_IGNORE),
        "MPI_Recv");
  return letter;
}

void Mailbox::flush() {
  for (Sending& sending : sending_) check(MPI_Wait(&sending.request, MPI_STATUS_IGNORE), "MPI_Wait");
  sending_.clear();
}

void Mailbox::forget_sent() {
  while (!sending_.empty()) {
    int sent = 0;
    check(MPI_Test(&sending_.front().request, &sent, MPI_STATUS_IGNORE), "MPI_Test");
    if (sent == 0) return;
    sending_.pop_front();
  }
}

}  // namespace rnn_rates::mpi
