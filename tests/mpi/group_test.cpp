#include "mpi/group.hpp"

#include <doctest/doctest.h>

#include <new>

#include "core/error.hpp"
#include "ranks.hpp"

using rnn_rates::Error;
using rnn_rates::ErrorKind;
using rnn_rates::mpi::Group;
using rnn_rates::test::world;

TEST_CASE("the largest value is known on every rank") {
  CHECK(world().max(world().rank() * 10) == (world().size() - 1) * 10);
  CHECK(world().max(-1) == -1);
}

TEST_CASE("texts of any length are gathered in the order of the ranks") {
  const auto rank = static_cast<std::size_t>(world().rank());
  const std::vector<std::string> all =
      world().gather(std::string(rank * 100000, static_cast<char>('a' + rank)));
  REQUIRE(all.size() == (rank == 0 ? static_cast<std::size_t>(world().size()) : 0));
  for (std::size_t r = 0; r < all.size(); ++r)
    CHECK(all[r] == std::string(r * 100000, static_cast<char>('a' + r)));
}

TEST_CASE("rank 0's text reaches all") {
  CHECK(world().broadcast(world().rank() == 0 ? "its" : "another") == "its");
  CHECK(world().broadcast("").empty());
}

TEST_CASE("what fails on one rank ends the work of all, and a stop hides no failure") {
  const int last = world().size() - 1;
  const auto kind_of = [&](auto&& work) {
    try {
      world().on_all(work);
    } catch (const std::exception& thrown) {
      return static_cast<int>(rnn_rates::failure_of(thrown, "").kind());
    }
    return 0;
  };
  CHECK(kind_of([] {}) == 0);
  CHECK(kind_of([&] {
          if (world().rank() == last) throw std::bad_alloc();
        }) == static_cast<int>(ErrorKind::runtime));
  CHECK(kind_of([&] {
          throw Error(world().rank() == last ? ErrorKind::input : ErrorKind::stopped, "ended");
        }) == static_cast<int>(ErrorKind::input));
}

TEST_CASE("groups are made by colour and keep to themselves") {
  const int colour = world().rank() % 2;
  const Group group = world().split(colour);
  CHECK(group.size() == (world().size() + 1 - colour) / 2);
  CHECK(group.rank() == world().rank() / 2);
  CHECK(group.broadcast(std::to_string(colour)) == std::to_string(colour));
}

TEST_CASE("ranks of one node are found") {
  const Group node = world().split_by_node();
  CHECK(node.size() == world().size());
  CHECK(node.rank() == world().rank());
}

TEST_CASE("what fails on one rank fails on all, with its kind") {
  const auto fails_on = [](int rank) {
    world().on_all([&] {
      if (world().rank() == rank) throw Error(ErrorKind::input, "rank {} says no", rank);
    });
  };
  for (int rank = 0; rank < world().size(); ++rank) {
    ErrorKind kind_of_error = ErrorKind::bug;
    std::string message;
    try {
      fails_on(rank);
    } catch (const Error& error) {
      kind_of_error = error.kind();
      message = error.what();
    }
    CHECK(kind_of_error == ErrorKind::input);
    if (world().rank() == 0 || world().rank() == rank) CHECK(message == fmt::format("rank {} says no", rank));
  }
  CHECK_NOTHROW(fails_on(-1));
}
