#include "run/estimate.hpp"

#include <doctest/doctest.h>

#include <numeric>

using namespace rnn_rates::run;

namespace {

std::vector<std::vector<Part>> sessions_of(std::size_t sessions, std::vector<double> costs_s) {
  std::vector<Part> parts;
  for (const double cost_s : costs_s) parts.push_back({"fit", cost_s, 1e6, 10});
  return std::vector<std::vector<Part>>(sessions, parts);
}

}  // namespace

TEST_CASE("times add up and the longest part is found") {
  const Estimate all = estimate(sessions_of(10, {100, 260}));
  CHECK(all.sessions == 10);
  CHECK(all.parts == 20);
  CHECK(all.core_s == 3600);
  CHECK(all.longest_s == 260);
  CHECK(to_json(all)["core_hours"] == 1.0);
}

TEST_CASE("short sessions are bundled into array tasks of ten minutes, long ones get one each") {
  CHECK(estimate(sessions_of(100, {60})).array_tasks == 10);
  CHECK(estimate(sessions_of(100, {6})).array_tasks == 1);
  CHECK(estimate(sessions_of(5, {3600, 3600})).array_tasks == 5);
  // 10 sessions of a minute, half as much again, five minutes.
  CHECK(to_json(estimate(sessions_of(100, {60})))["array_time"] == "00:20:00");
}

TEST_CASE("no more ranks are suggested than the longest part can keep busy") {
  const Estimate all = estimate(sessions_of(1, {100, 10, 10, 10, 10, 10}));
  CHECK(all.ranks == 1);
  CHECK(estimate(sessions_of(4, {100, 100})).ranks == 8);
}

TEST_CASE("nothing to do takes nothing") {
  const Estimate none = estimate({});
  CHECK(none.parts == 0);
  CHECK(to_text(none) == std::vector<std::string>{"Nothing to do."});
}

TEST_CASE("what the times rest on is said where it is known") {
  Estimate all = estimate(sessions_of(1, {100}));
  const std::size_t lines = to_text(all).size();
  all.basis = "by a stop watch";
  CHECK(to_text(all).size() == lines + 1);
  CHECK(to_text(all)[2].ends_with("by a stop watch"));
  CHECK(to_json(all)["basis"] == "by a stop watch");
}
