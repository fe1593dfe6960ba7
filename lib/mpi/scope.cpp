#include "mpi/scope.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "core/error.hpp"
#include "core/host.hpp"
#include "mpi/communicator.hpp"

namespace rnn_rates::mpi {
namespace {

bool launched_by_mpi() {
  const auto variables = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE"};
  return std::any_of(variables.begin(), variables.end(),
                     [](const char* name) { return std::getenv(name) != nullptr; });
}

}  // namespace

Scope::Scope() : job_(fmt::format("{} {} {}", host_name(), ::getpid(), utc_now())) {
  if (!launched_by_mpi()) return;
  int provided = MPI_THREAD_SINGLE;
  check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  started_ = true;
  if (provided < MPI_THREAD_FUNNELED)
    throw Error(ErrorKind::runtime, "this MPI does not let its caller have threads");
  world_ = Group(std::make_shared<const Group::Handle>(MPI_COMM_WORLD, false));
  job_ = world_.broadcast(job_);
}

Scope::~Scope() {
  world_ = {};
  if (started_) MPI_Finalize();
}

}  // namespace rnn_rates::mpi
