#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "mpi/scope.hpp"
#include "ranks.hpp"

namespace {

const rnn_rates::mpi::Group* all = nullptr;

}  // namespace

const rnn_rates::mpi::Group& rnn_rates::test::world() { return *all; }

int main(int argc, char** argv) {
  const rnn_rates::mpi::Scope scope;
  all = &scope.world();
  if (all->size() < 2) return 77;  // not under mpirun
  doctest::Context context(argc, argv);
  const int mine = context.run();
  return all->max(mine);
}
