#include "core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

using namespace rnn_rates;

namespace {

struct Moments {
  double mean, variance;
};

template <class Draw>
Moments moments(std::size_t count, Draw&& draw) {
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = draw();
    sum += x;
    squares += x * x;
  }
  const double n = static_cast<double>(count), mean = sum / n;
  return {mean, squares / n - mean * mean};
}

}  // namespace

TEST_CASE("random streams have the moments of their distributions") {
  // Five standard errors of 200 000 draws; the stream is seeded, so this either always passes or never.
  RandomStream random(7);
  const std::size_t count = 200000;
  const Moments uniform = moments(count, [&] { return random.uniform(); });
  CHECK(uniform.mean == doctest::Approx(0.5).epsilon(0.0065));
  CHECK(uniform.variance == doctest::Approx(1.0 / 12).epsilon(0.01));
  const Moments normal = moments(count, [&] { return random.normal(); });
  CHECK(std::abs(normal.mean) < 5 / std::sqrt(2e5));
  CHECK(normal.variance == doctest::Approx(1.0).epsilon(0.016));
  const Moments gamma = moments(count, [&] { return random.gamma(4.0); });
  CHECK(gamma.mean == doctest::Approx(4.0).epsilon(0.006));
  CHECK(gamma.variance == doctest::Approx(4.0).epsilon(0.025));
}

TEST_CASE("a permutation holds every index, and seeds give different ones") {
  RandomStream random(1), other(2);
  const auto order = random.permutation(50);
  CHECK(std::set<std::size_t>(order.begin(), order.end()).size() == 50);
  CHECK(*std::max_element(order.begin(), order.end()) == 49);
  CHECK(order != other.permutation(50));
}

TEST_CASE("derived seeds depend on seed and purpose") {
  CHECK(derive_seed(1, "split") == derive_seed(1, "split"));
  CHECK(derive_seed(1, "split") != derive_seed(2, "split"));
  CHECK(derive_seed(1, "split") != derive_seed(1, "dropout"));
}
