#include "neural/calibration.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "neural/deciles.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;

TEST_CASE("deciles hold a tenth each of what was observed, equal rates together") {
  Array<float, 3> rates({1, 2, 10});
  for (std::size_t i = 0; i < 20; ++i) rates.values()[i] = static_cast<float>(100 - i);
  const Array<std::uint8_t, 3> found = deciles_of(rates);
  CHECK(found(0, 0, 0) == 9);
  CHECK(found(0, 0, 1) == 9);
  CHECK(found(0, 0, 2) == 8);
  CHECK(found(0, 1, 9) == 0);
  Observed observed({1, 2, 10}, 1);
  std::fill_n(&observed(0, 0, 0), 10, std::uint8_t{0});
  const Array<std::uint8_t, 3> half = deciles_of(rates, observed);
  CHECK(half(0, 0, 3) == no_decile);
  for (std::size_t bin = 0; bin < 10; ++bin) CHECK(half(0, 1, bin) == 9 - bin);
  const Array<std::uint8_t, 3> same = deciles_of(Array<float, 3>({1, 2, 10}, 3.0F));
  CHECK(std::all_of(same.values().begin(), same.values().end(), [&](auto decile) { return decile == 9; }));
}

TEST_CASE("calibration gives predicted and counted rates of each decile, with an error over trials") {
  // Two trials of one unit in 10 ms bins: half of them predicted at 10 Hz, half at 50 Hz.
  Array<float, 3> predicted({2, 1, 4}, 10.0F);
  Array<std::uint16_t, 3> counts({2, 1, 4});
  for (std::size_t trial = 0; trial < 2; ++trial) predicted(trial, 0, 2) = predicted(trial, 0, 3) = 50.0F;
  counts(0, 0, 1) = 1;
  counts(0, 0, 2) = 1;
  counts(1, 0, 3) = 2;
  const Calibration found = calibrate(predicted, counts, 10.0);
  REQUIRE(found.predicted_hz.size() == 2);
  CHECK(found.predicted_hz[0] == doctest::Approx(10));
  CHECK(found.predicted_hz[1] == doctest::Approx(50));
  CHECK(found.counted_hz[0] == doctest::Approx(25));  // 1 spike in 40 ms
  CHECK(found.counted_hz[1] == doctest::Approx(75));
  // Rates of the trials 50 and 0, 50 and 100 Hz: standard deviation over trials / root of 2.
  CHECK(found.counted_standard_error_hz[0] == doctest::Approx(25));
  CHECK(found.counted_standard_error_hz[1] == doctest::Approx(25));

  Observed observed(counts.shape(), 1);
  observed(0, 0, 0) = observed(0, 0, 1) = observed(1, 0, 0) = observed(1, 0, 1) = 0;
  CHECK(calibrate(predicted, counts, 10.0, observed).counted_hz.size() == 1);
  CHECK(std::isnan(calibrate(Array<float, 3>({1, 1, 4}, 1.0F), Array<std::uint16_t, 3>({1, 1, 4}), 10.0)
                       .counted_standard_error_hz.at(0)));
}
