#pragma once

#include "mpi/group.hpp"

namespace rnn_rates::test {

/// All ranks that run this test program; set by its main. Every rank runs every test case, in the same order.
const mpi::Group& world();

}  // namespace rnn_rates::test
