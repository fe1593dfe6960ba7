#include "cli/options.hpp"

#include <doctest/doctest.h>

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

TEST_CASE("a wall limit counts hours, minutes and seconds") {
  CHECK(parse_wall_limit("01:02:03").count() == 3723);
  CHECK(parse_wall_limit("2:30").count() == 150);
  CHECK(parse_wall_limit("90").count() == 90);
  for (const char* text : {"", ":", "1:", "1:2:3:4", "1h", "-5", "1:-2"}) {
    CAPTURE(text);
    expect_error(ErrorKind::usage, {"--wall-limit"}, [&] { parse_wall_limit(text); });
  }
}
