#include "plot/axis.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace rnn_rates::plot;

namespace {

using Ticks = std::vector<double>;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

void check_ticks(const Ticks& ticks, const Ticks& expected) {
  REQUIRE(ticks.size() == expected.size());
  for (std::size_t i = 0; i < ticks.size(); ++i) CHECK(ticks[i] == doctest::Approx(expected[i]));
}

}  // namespace

TEST_CASE("ticks are the finest round numbers that fit") {
  check_ticks(round_ticks(-500.0, 2500.0, 7), {-500, 0, 500, 1000, 1500, 2000, 2500});
  check_ticks(round_ticks(-500.0, 2500.0, 6), {0, 1000, 2000});
  check_ticks(round_ticks(0.0, 33.6, 5), {0, 10, 20, 30});
  check_ticks(round_ticks(0.0, 0.07, 4), {0, 0.02, 0.04, 0.06});
  check_ticks(round_ticks(-12.0, -3.0, 3), {-10, -5});
  check_ticks(round_ticks(1.0, 1.0, 5), {1});
}

TEST_CASE("an extent leaves out what is not finite") {
  Extent extent;
  CHECK(extent.empty());
  extent.include(std::vector<float>{nan, -3.0F, infinity, -7.0F});
  CHECK(extent.low() == -7.0);
  CHECK(extent.high() == -3.0);
}

TEST_CASE("an extent of most values leaves out the outliers") {
  std::vector<float> values{nan};
  for (int i = 0; i <= 100; ++i) values.push_back(static_cast<float>((i * 37) % 101));
  Extent extent;
  extent.include_most(values, 0.9);
  CHECK(extent.low() == 5.0);
  CHECK(extent.high() == 95.0);
}

TEST_CASE("a rate axis starts at 0, or below negative rates, and is never empty") {
  Extent rates;
  CHECK(rate_axis(rates, 5).last > rate_axis(rates, 5).first);
  rates.include(4.0);
  rates.include(20.0);
  CHECK(rate_axis(rates, 5).first == 0.0);
  CHECK(rate_axis(rates, 5).last == doctest::Approx(21.0));
  rates.include(-1.0);
  CHECK(rate_axis(rates, 5).first < -1.0);
}

TEST_CASE("a logarithmic axis has ticks whether it spans decades or less than one") {
  const auto ticks = [](double low, double high) {
    Extent extent;
    extent.include(low);
    extent.include(high);
    return logarithmic_axis(extent).ticks;
  };
  check_ticks(ticks(0.02, 30.0), {0.1, 1, 10});
  check_ticks(ticks(0.06, 0.9), {0.1, 0.2, 0.5, 1});
  check_ticks(ticks(0.62, 0.83), {0.6, 0.65, 0.7, 0.75, 0.8, 0.85});
  CHECK_FALSE(ticks(0.7, 0.7).empty());
}

TEST_CASE("a time axis with ticks at both ends leaves the last one out") {
  const std::vector<double> to_the_end = {-487.5, 2487.5}, beyond = {-487.5, 2537.5};
  CHECK(time_axis(to_the_end, 25, 7).ticks == std::vector<double>{-500, 0, 500, 1000, 1500, 2000});
  CHECK(time_axis(beyond, 25, 7).ticks == std::vector<double>{-500, 0, 500, 1000, 1500, 2000, 2500});
}
