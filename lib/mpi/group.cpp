#include "mpi/group.hpp"

#include <array>
#include <exception>
#include <numeric>

#include "core/error.hpp"
#include "mpi/communicator.hpp"

namespace rnn_rates::mpi {
namespace {

/// A number that is larger for what the job should end with where ranks fail in several ways: one that
/// stopped, as it was asked, says nothing of the failure of another.
int weight_of(ErrorKind kind) { return kind == ErrorKind::stopped ? 1 : 1 + static_cast<int>(kind); }

ErrorKind kind_of(int weight) {
  return weight == 1 ? ErrorKind::stopped : static_cast<ErrorKind>(weight - 1);
}

}  // namespace

void check(int status, const char* call) {
  if (status != MPI_SUCCESS) throw Error(ErrorKind::runtime, "{} failed with MPI error {}", call, status);
}

Group::Handle::~Handle() {
  if (own) MPI_Comm_free(&communicator);
}

Group::Group(std::shared_ptr<const Handle> handle) : handle_(std::move(handle)) {
  check(MPI_Comm_set_errhandler(handle_->communicator, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check(MPI_Comm_rank(handle_->communicator, &rank_), "MPI_Comm_rank");
  check(MPI_Comm_size(handle_->communicator, &size_), "MPI_Comm_size");
}

int Group::max(int value) const {
  if (!handle_) return value;
  int largest = value;
  check(MPI_Allreduce(&value, &largest, 1, MPI_INT, MPI_MAX, handle_->communicator), "MPI_Allreduce");
  return largest;
}

std::vector<std::string> Group::gather(const std::string& text) const {
  if (!handle_) return {text};
  const int length = static_cast<int>(text.size());
  const auto ranks = static_cast<std::size_t>(size_);
  std::vector<int> lengths(ranks), starts(ranks, 0);
  check(MPI_Gather(&length, 1, MPI_INT, lengths.data(), 1, MPI_INT, 0, handle_->communicator), "MPI_Gather");
  std::exclusive_scan(lengths.begin(), lengths.end(), starts.begin(), 0);
  std::string all(rank_ == 0 ? static_cast<std::size_t>(starts.back() + lengths.back()) : 0, '\0');
  check(MPI_Gatherv(text.data(), length, MPI_CHAR, all.data(), lengths.data(), starts.data(), MPI_CHAR, 0,
                    handle_->communicator),
        "MPI_Gatherv");
  std::vector<std::string> texts;
  for (std::size_t r = 0; rank_ == 0 && r < ranks; ++r) {
    texts.push_back(all.substr(static_cast<std::size_t>(starts[r]), static_cast<std::size_t>(lengths[r])));
  }
  return texts;
}

std::string Group::broadcast(const std::string& text, int from) const {
  if (!handle_) return text;
  int length = static_cast<int>(text.size());
  check(MPI_Bcast(&length, 1, MPI_INT, from, handle_->communicator), "MPI_Bcast");
  std::string copy = text;
  copy.resize(static_cast<std::size_t>(length));
  check(MPI_Bcast(copy.data(), length, MPI_CHAR, from, handle_->communicator), "MPI_Bcast");
  return copy;
}

void Group::on_all(const std::function<void()>& work) const {
  int mine = 0;
  std::string message;
  std::exception_ptr thrown;
  try {
    work();
  } catch (const std::exception& exception) {
    thrown = std::current_exception();
    const Error error = failure_of(exception, fmt::format("rank {}", rank_));
    mine = weight_of(error.kind());
    message = error.what();
  }
  const int worst = max(mine);
  if (worst == 0) return;
  std::string others;
  for (const std::string& text : gather(mine == worst ? message : "")) {
    if (!text.empty() && others.empty()) others = text;
  }
  if (mine == worst) std::rethrow_exception(thrown);
  throw Error(kind_of(worst), "{}", others.empty() ? "another rank failed" : others);
}

Group Group::split(int colour) const {
  if (!handle_) return {};
  MPI_Comm part = MPI_COMM_NULL;
  check(MPI_Comm_split(handle_->communicator, colour, rank_, &part), "MPI_Comm_split");
  return Group(std::make_shared<const Handle>(part, true));
}

Group Group::split_by_node() const {
  if (!handle_) return {};
  MPI_Comm part = MPI_COMM_NULL;
  check(MPI_Comm_split_type(handle_->communicator, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &part),
        "MPI_Comm_split_type");
  return Group(std::make_shared<const Handle>(part, true));
}

void Group::abort(int exit_code) const {
  if (handle_) MPI_Abort(handle_->communicator, exit_code);
}

std::string library_version() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  const std::string whole(text.data(), static_cast<std::size_t>(length));
  return whole.substr(0, whole.find_first_of(",\n"));
}

}  // namespace rnn_rates::mpi
