#include "neural/binning.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "support/expect_error.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;
using test::expect_error;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

std::vector<std::uint16_t> bin(const std::vector<double>& spikes, std::size_t units, const BinGrid& grid) {
  std::vector<std::uint16_t> counts(units * grid.bins, 12345);
  for (std::size_t unit = 0; unit < units; ++unit)
    bin_spikes(std::span(spikes).subspan(unit * grid.window_ms(), grid.window_ms()), unit, grid,
               std::span(counts).subspan(unit * grid.bins, grid.bins),
               "a.h5:/spike_trains/dig_in_0/spike_array", 7);
  return counts;
}

}  // namespace

TEST_CASE("spikes are listed by bin and millisecond, two in one twice, those in unobserved bins not") {
  const BinGrid grid{1500, 4, 2, 1500};
  const auto listed = [&](const std::vector<double>& spikes, const std::vector<std::uint8_t>& observed) {
    std::vector<std::uint16_t> counts(2);
    std::vector<std::uint32_t> ms{99};
    list_spikes(spikes, bin_spikes(spikes, 0, grid, counts, "", 0), grid, observed, ms);
    return ms;
  };
  CHECK(listed({0, 1, 0, 0, 2, 0, 0, 1}, {}) == std::vector<std::uint32_t>{99, 1, 0, 0, 3});
  CHECK(listed(std::vector<double>(8, 0.0), {}) == std::vector<std::uint32_t>{99});
  CHECK(listed({1, 0, 0, 3, 0, 1, 0, 0}, {}) == std::vector<std::uint32_t>{99, 0, 3, 3, 3, 1});
  CHECK(listed({0, 1, 0, 0, 2, 0, 0, 1}, {1, 0}) == std::vector<std::uint32_t>{99, 1});
  CHECK(listed({1, 0, 0, 3, 0, 1, 0, 0}, {0, 1}) == std::vector<std::uint32_t>{99, 1});
}

TEST_CASE("the reference window has 120 bins with the stimulus at the start of bin 20") {
  const BinGrid grid = make_bin_grid({1500, 4500}, 25, 2000, 7000);
  CHECK(grid.bins == 120);
  CHECK(grid.window_ms() == 3000);
  CHECK(grid.end_ms() == 4500);
  CHECK(grid.stim_bin() == 20);
  const auto edges = grid.edges_ms();
  CHECK(edges.size() == 121);
  CHECK(edges.front() == 1500);
  CHECK(edges[20] == 2000);
  CHECK(edges.back() == 4500);
  const auto centers = grid.centers_from_stim_ms();
  CHECK(centers.size() == 120);
  CHECK(centers.front() == -487.5);
  CHECK(centers[20] == 12.5);
  CHECK(centers.back() == 2487.5);
}

TEST_CASE("a window may be the whole array, of 1 ms bins, or one single bin") {
  const BinGrid fine = make_bin_grid({0, 7000}, 1, 0, 7000);
  CHECK(fine.bins == 7000);
  CHECK(fine.stim_bin() == 0);
  CHECK(make_bin_grid({0, 7000}, 1, 6999, 7000).stim_bin() == 6999);
  CHECK(make_bin_grid({0, 7000}, 7000, 6999.5, 7000).stim_bin() == 0);
}

TEST_CASE("the stimulus may lie inside a bin and at a fraction of a millisecond") {
  CHECK(make_bin_grid({1500, 4500}, 25, 2024.9, 7000).stim_bin() == 20);
  CHECK(make_bin_grid({1500, 4500}, 25, 1999.9, 7000).stim_bin() == 19);
}

TEST_CASE("a grid that cannot be is refused with the numbers and the key to change") {
  const auto refused = [](std::array<double, 2> limits, double bin_ms, double stim_ms,
                          std::initializer_list<std::string> parts) {
    expect_error(ErrorKind::input, parts, [&] { make_bin_grid(limits, bin_ms, stim_ms, 7000); });
  };
  for (const double bin_ms : {0.0, -25.0, 12.5, not_a_number, infinity})
    refused({1500, 4500}, bin_ms, 2000, {"bin_ms = "});
  refused({1500.5, 4500}, 25, 2000, {"time_lims_ms = [1500.5, 4500]", "whole milliseconds"});
  refused({1500, not_a_number}, 25, 2000, {"time_lims_ms = [1500, nan]", "whole milliseconds"});
  refused({4500, 1500}, 25, 2000, {"[4500, 1500]", "empty"});
  refused({1500, 1500}, 25, 1500, {"empty"});
  refused({-25, 4500}, 25, 2000, {"[-25, 4500]", "7000 ms long"});
  refused({1500, 7025}, 25, 2000, {"[1500, 7025]", "7000 ms long"});
  refused({1500, 4490}, 25, 2000, {"[1500, 4490]", "bin_ms = 25", "119.6 bins"});
  refused({1500, 1510}, 25, 1500, {"0.4 bins"});
  for (const double stim_ms : {1499.0, 4500.0, not_a_number}) {
    refused({1500, 4500}, 25, stim_ms, {"stim_ms = ", "[1500, 4500)"});
  }
}

TEST_CASE("spikes are summed in each unit's bins") {
  const BinGrid grid = make_bin_grid({10, 16}, 3, 12, 20);
  const std::vector<double> spikes = {1, 0, 2, 0,     0,   1,  //
                                      0, 0, 0, 65000, 535, 0};
  CHECK(bin(spikes, 2, grid) == std::vector<std::uint16_t>{3, 1, 0, 65535});
}

TEST_CASE("bins of 1 ms and one bin over all are sums too") {
  const std::vector<double> spikes = {0, 1, 0, 4, -0.0};
  CHECK(bin(spikes, 1, make_bin_grid({0, 5}, 1, 0, 5)) == std::vector<std::uint16_t>{0, 1, 0, 4, 0});
  CHECK(bin(spikes, 1, make_bin_grid({0, 5}, 5, 0, 5)) == std::vector<std::uint16_t>{5});
}

TEST_CASE("a value that is no spike count is refused at its place") {
  const BinGrid grid = make_bin_grid({1500, 4500}, 25, 2000, 7000);
  const double below_one = std::nextafter(1.0, 0.0);
  for (const double value : {-1.0, 0.5, -0.25, below_one, not_a_number, infinity, -infinity, 65535.5, 65536.0,
                             0x1p52, 0x1p53, -1e300}) {
    CAPTURE(value);
    std::vector<double> spikes(3 * 3000, 1.0);
    spikes[2 * 3000 + 1234] = value;
    spikes[2 * 3000 + 2000] = -5.0;
    expect_error(ErrorKind::input,
                 {"a.h5:/spike_trains/dig_in_0/spike_array: trial 7, unit 2, 2734 ms from the start",
                  fmt::format("found {},", value)},
                 [&] { bin(spikes, 3, grid); });
  }
}

TEST_CASE("every millisecond of the window is checked") {
  const BinGrid grid = make_bin_grid({100, 137}, 37, 100, 200);
  for (std::size_t ms = 0; ms < 37; ++ms) {
    std::vector<double> spikes(37, 0.0);
    spikes[ms] = not_a_number;
    expect_error(ErrorKind::input, {fmt::format("unit 0, {} ms", 100 + ms)}, [&] { bin(spikes, 1, grid); });
  }
}

TEST_CASE("a bin's sum that 16 bits cannot hold is refused") {
  const BinGrid grid = make_bin_grid({0, 4}, 2, 0, 4);
  expect_error(ErrorKind::input, {"trial 7, unit 1, 2 to 4 ms", "found 65536 spikes", "at most 65535"}, [&] {
    bin({0, 0, 0, 0, 0, 0, 65535, 1}, 2, grid);
  });
  const BinGrid long_bin = make_bin_grid({0, 100000}, 100000, 0, 100000);
  expect_error(ErrorKind::input, {"found 6553500000 spikes"},
               [&] { bin(std::vector<double>(100000, 65535.0), 1, long_bin); });
}
