#include "run/choose_sessions.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/expect_error.hpp"

using namespace rnn_rates;
using test::expect_error;

TEST_CASE("shards take every session once") {
  run::CommonOptions options;
  options.sessions = {"a", "b", "c", "d", "e"};
  std::vector<std::string> taken;
  for (const std::size_t index : {0u, 1u, 2u}) {
    options.shard = {index, 3};
    for (const auto& spec : run::chosen_sessions(run::named_sessions(options), options))
      taken.push_back(spec.id);
  }
  std::sort(taken.begin(), taken.end());
  CHECK(taken == std::vector<std::string>{"a", "b", "c", "d", "e"});
}

TEST_CASE("two sessions of one name and no session at all are usage errors") {
  run::CommonOptions options;
  expect_error(ErrorKind::usage, {"no session"},
               [&] { run::chosen_sessions(run::named_sessions(options), options); });
  options.sessions = {"x/day1", "y/day1"};
  expect_error(ErrorKind::usage, {"'day1'", "x/day1", "y/day1", "--manifest"},
               [&] { run::chosen_sessions(run::named_sessions(options), options); });
}
