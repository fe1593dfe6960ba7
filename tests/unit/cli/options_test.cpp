#include "cli/options.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "support/expect_error.hpp"

using namespace rnn_rates;
using cli::parse_shard;
using cli::parse_wall_limit;
using test::expect_error;

TEST_CASE("a shard is i/n with i below n") {
  CHECK(parse_shard("").count == 1);
  CHECK(parse_shard("2/10").index == 2);
  CHECK(parse_shard("2/10").count == 10);
  for (const char* text : {"2", "/", "1/", "/3", "3/3", "-1/3", "1/3x", "1/0", "a/b"}) {
    CAPTURE(text);
    expect_error(ErrorKind::usage, {"--shard", "0/4"}, [&] { parse_shard(text); });
  }
}

TEST_CASE("shards take every session once") {
  cli::CommonOptions options;
  options.sessions = {"a", "b", "c", "d", "e"};
  std::vector<std::string> taken;
  for (const char* shard : {"0/3", "1/3", "2/3"}) {
    options.shard_text = shard;
    for (const auto& spec : cli::chosen_sessions(cli::named_sessions(options), options))
      taken.push_back(spec.id);
  }
  std::sort(taken.begin(), taken.end());
  CHECK(taken == std::vector<std::string>{"a", "b", "c", "d", "e"});
}

TEST_CASE("two sessions of one name and no session at all are usage errors") {
  cli::CommonOptions options;
  expect_error(ErrorKind::usage, {"no session"},
               [&] { cli::chosen_sessions(cli::named_sessions(options), options); });
  options.sessions = {"x/day1", "y/day1"};
  expect_error(ErrorKind::usage, {"'day1'", "x/day1", "y/day1", "--manifest"},
               [&] { cli::chosen_sessions(cli::named_sessions(options), options); });
}

TEST_CASE("a wall limit counts hours, minutes and seconds") {
  CHECK(parse_wall_limit("01:02:03").count() == 3723);
  CHECK(parse_wall_limit("2:30").count() == 150);
  CHECK(parse_wall_limit("90").count() == 90);
  for (const char* text : {"", ":", "1:", "1:2:3:4", "1h", "-5", "1:-2"}) {
    CAPTURE(text);
    expect_error(ErrorKind::usage, {"--wall-limit"}, [&] { parse_wall_limit(text); });
  }
}
