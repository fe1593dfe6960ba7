#include "neural/smoothing.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "check_close.hpp"
#include "support/expect_error.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;
using test::expect_error;

namespace {

const Array<std::uint16_t, 3> counts({1, 1, 8}, {0, 2, 1, 0, 0, 3, 1, 1});

}  // namespace

TEST_CASE("the boxcar is numpy's convolution over the number of bins inside the window") {
  check_close(boxcar_rate_hz(counts, 25, 75).values(), {40, 40, 40, 40.0 / 3, 40, 160.0 / 3, 200.0 / 3, 40},
              1e-5);
  check_close(boxcar_rate_hz(counts, 25, 100).values(), {40, 40, 30, 30, 40, 40, 50, 200.0 / 3}, 1e-5);
}

TEST_CASE("a boxcar narrower than a bin gives the rate of each bin, a very wide one the mean rate") {
  check_close(boxcar_rate_hz(counts, 25, 10).values(), {0, 80, 40, 0, 0, 120, 40, 40}, 0.0);
  check_close(boxcar_rate_hz(counts, 25, 1e9).values(), std::vector<double>(8, 40.0), 0.0);
}

TEST_CASE("the Gaussian is SciPy's filter over that of the window") {
  check_close(gaussian_rate_hz(counts, 25, 30).values(),
              {33.18985912385152, 40.115027620755576, 34.44786784103026, 26.649599082842496,
               36.627129584871255, 54.161282230044385, 56.528720243832176, 49.00091450495691},
              1e-5);
}

TEST_CASE("constant counts have a constant rate up to the edges, in every trial and unit") {
  const Array<std::uint16_t, 3> constant({2, 3, 9}, std::uint16_t{2});
  for (const auto& rates : {boxcar_rate_hz(constant, 10, 40), gaussian_rate_hz(constant, 10, 25)}) {
    CHECK(rates.shape() == constant.shape());
    check_close(rates.values(), std::vector<double>(2 * 3 * 9, 200.0), 1e-4);
  }
}

TEST_CASE("trials and units are smoothed apart") {
  const Array<std::uint16_t, 3> two({2, 1, 2}, {0, 0, 4, 4});
  check_close(gaussian_rate_hz(two, 100, 100).values(), {0, 0, 40, 40}, 1e-5);
  check_close(boxcar_rate_hz(two, 100, 300).values(), {0, 0, 40, 40}, 0.0);
}

TEST_CASE("smoothing over nothing is refused") {
  for (const double width : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    expect_error(ErrorKind::config, {"width"}, [&] { boxcar_rate_hz(counts, 25, width); });
    expect_error(ErrorKind::config, {"sigma"}, [&] { gaussian_rate_hz(counts, 25, width); });
  }
}
