#include "mpi/scope.hpp"

#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>

#include "core/error.hpp"
#include "core/host.hpp"

namespace rnn_rates::mpi {
namespace {

bool launched_by_mpi() {
  const auto variables = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE"};
  return std::any_of(variables.begin(), variables.end(),
                     [](const char* name) { return std::getenv(name) != nullptr; });
}

void check(int status, const char* call) {
  if (status != MPI_SUCCESS) throw Error(ErrorKind::runtime, "{} failed with MPI error {}", call, status);
}

}  // namespace

Scope::Scope() : job_(fmt::format("{} {} {}", host_name(), ::getpid(), utc_now())) {
  if (!launched_by_mpi()) return;
  check(MPI_Init(nullptr, nullptr), "MPI_Init");
  started_ = true;
  check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check(MPI_Comm_rank(MPI_COMM_WORLD, &rank_), "MPI_Comm_rank");
  check(MPI_Comm_size(MPI_COMM_WORLD, &size_), "MPI_Comm_size");
  std::array<char, 512> job{};
  job_.copy(job.data(), job.size() - 1);
  check(MPI_Bcast(job.data(), static_cast<int>(job.size()), MPI_CHAR, 0, MPI_COMM_WORLD), "MPI_Bcast");
  job_ = job.data();
}

Scope::~Scope() {
  if (started_) MPI_Finalize();
}

int Scope::max_over_ranks(int value) const {
  if (!started_) return value;
  int largest = value;
  check(MPI_Allreduce(&value, &largest, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD), "MPI_Allreduce");
  return largest;
}

std::vector<std::string> Scope::gather_text(const std::string& text) const {
  if (!started_) return {text};
  const int length = static_cast<int>(text.size());
  const auto ranks = static_cast<std::size_t>(size_);
  std::vector<int> lengths(ranks), starts(ranks, 0);
  check(MPI_Gather(&length, 1, MPI_INT, lengths.data(), 1, MPI_INT, 0, MPI_COMM_WORLD), "MPI_Gather");
  std::exclusive_scan(lengths.begin(), lengths.end(), starts.begin(), 0);
  std::string all(rank_ == 0 ? static_cast<std::size_t>(starts.back() + lengths.back()) : 0, '\0');
  check(MPI_Gatherv(text.data(), length, MPI_CHAR, all.data(), lengths.data(), starts.data(), MPI_CHAR, 0,
                    MPI_COMM_WORLD),
        "MPI_Gatherv");
  std::vector<std::string> texts;
  for (std::size_t r = 0; rank_ == 0 && r < ranks; ++r) {
    texts.push_back(all.substr(static_cast<std::size_t>(starts[r]), static_cast<std::size_t>(lengths[r])));
  }
  return texts;
}

}  // namespace rnn_rates::mpi
