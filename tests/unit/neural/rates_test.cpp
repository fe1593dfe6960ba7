#include "neural/rates.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "check_close.hpp"
#include "neural/context.hpp"
#include "neural/fits.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;

TEST_CASE("components are put back into spike counts of the units") {
  // Two units turned by 45 degrees, one constant unit that no component reads; two bins, two trials.
  const double s = std::sqrt(0.5);
  const Pca pca{Array<double, 2>({2, 3}, {s, s, 0, s, -s, 0}), {0.6, 0.4}};
  const Scaler scaler{{1.0, 2.0, 4.0}, {0.5, 2.0, 1.0}};
  const Array<float, 3> outputs({2, 2, 2}, {1, 0, 0, 2, 3, 1, -10, 0});
  const auto counts = counts_from_outputs(outputs, pca, scaler);
  REQUIRE(counts.shape() == Array<double, 3>::Shape{2, 3, 2});
  check_close(counts.values(),
              {1 + 0.5 * s, 1 + 2 * s, 2 + 2 * s, 2 + 4 * s, 4, 4,  //
               1 + s, 1 - 5 * s, 2 - 4 * s, 2 - 20 * s, 4, 4},
              1e-14);
}

TEST_CASE("counts come back from all their components") {
  Array<std::uint16_t, 3> counts({3, 4, 5});
  for (std::size_t i = 0; i < counts.size(); ++i) counts.values()[i] = static_cast<std::uint16_t>(i * i % 7);
  const std::vector<std::uint32_t> trials = {0, 1, 2};
  const Scaler scaler = fit_scaler(counts, trials);
  const auto scaled = scale_counts(counts, scaler);
  for (const Pca& pca : {fit_pca(scaled, trials, 1.0), identity_pca(scaled, trials)}) {
    // The targets of a horizon of one bin are the scores from bin 1 on.
    const std::vector<double> trial_numbers(3, 0.0);
    const ForecastData fit =
        make_forecast_data(project(scaled, pca), context_inputs(trial_numbers, 5, 0, {}), 1);
    const auto back = counts_from_outputs(fit.targets, pca, scaler);
    for (std::size_t trial = 0; trial < 3; ++trial) {
      for (std::size_t unit = 0; unit < 4; ++unit) {
        for (std::size_t bin = 0; bin < 4; ++bin) {
          CHECK(std::abs(back(trial, unit, bin) - counts(trial, unit, bin + 1)) < 1e-5);
        }
      }
    }
  }
}

TEST_CASE("rates are counts per second, of whole and of fractional counts") {
  const Array<std::uint16_t, 3> whole({1, 1, 3}, {0, 1, 3});
  const Array<double, 3> fractional({1, 1, 2}, {0.5, -0.25});
  check_close(rate_hz(whole, 25).values(), {0, 40, 120}, 0.0);
  check_close(rate_hz(fractional, 10).values(), {50, -25}, 0.0);
}

TEST_CASE("rates of chosen trials from a bin on") {
  Array<float, 3> rates({3, 2, 4});
  for (std::size_t i = 0; i < rates.size(); ++i) rates.values()[i] = static_cast<float>(i);
  const std::vector<std::uint32_t> trials = {2, 0};
  const auto selected = trials_of(rates, trials, 3);
  REQUIRE(selected.shape() == Array<float, 3>::Shape{2, 2, 1});
  check_close(selected.values(), {19, 23, 3, 7}, 0.0);
}
