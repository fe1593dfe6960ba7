#include "neural/pca.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <future>
#include <limits>
#include <numeric>

#include "check_close.hpp"
#include "core/stop_token.hpp"
#include "neural/scaler.hpp"
#include "support/expect_error.hpp"
#include "support/stopped.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;
using test::expect_error;

namespace {

/// 6 trials, 5 units, 8 bins; unit 2 is constant, and silent in no trial. The expected numbers below are what
/// scikit-learn 1.2 (StandardScaler, PCA) computes for the same formula.
Array<std::uint16_t, 3> formula_counts() {
  Array<std::uint16_t, 3> counts({6, 5, 8});
  for (unsigned i = 0; i < 6; ++i) {
    for (unsigned j = 0; j < 5; ++j) {
      for (unsigned k = 0; k < 8; ++k) {
        const unsigned value = (7 * i * i + 3 * i * j + 5 * j * k + 11 * k + i * k * k) % (3 + j);
        counts(i, j, k) = static_cast<std::uint16_t>(j == 2 ? 4 : value);
      }
    }
  }
  return counts;
}

const std::vector<std::uint32_t> all_trials = {0, 1, 2, 3, 4, 5};
const std::vector<std::uint32_t> some_trials = {0, 2, 3};

Array<double, 3> scaled_on(const std::vector<std::uint32_t>& trials) {
  const auto counts = formula_counts();
  return scale_counts(counts, fit_scaler(counts, trials));
}

}  // namespace

TEST_CASE("mean and scale are those of scikit-learn over the chosen trials") {
  const Scaler all = fit_scaler(formula_counts(), all_trials);
  check_close(all.mean, {1.0416666666666667, 1.25, 4.0, 2.6666666666666665, 3.0208333333333335}, 1e-15);
  check_close(all.scale, {0.6757197808427855, 1.299038105676658, 1.0, 1.6749792701868147, 1.941751607584131},
              1e-15);
  const Scaler some = fit_scaler(formula_counts(), some_trials);
  check_close(some.mean, {1.125, 0.8333333333333334, 4.0, 2.5, 2.5}, 1e-15);
  check_close(some.scale, {0.7806247497997998, 1.2133516482134195, 1.0, 1.6583123951777, 1.8708286933869707},
              1e-15);
}

TEST_CASE("scaled counts of all trials follow the fitted ones") {
  const auto counts = formula_counts();
  const auto scaled = scaled_on(some_trials);
  CHECK(scaled.shape() == counts.shape());
  CHECK(scaled(5, 3, 7) == doctest::Approx((counts(5, 3, 7) - 2.5) / 1.6583123951777).epsilon(1e-14));
  CHECK(scaled(1, 2, 3) == 0.0);
}

TEST_CASE("high counts keep their mean exact") {
  const Array<std::uint16_t, 3> counts({1, 1, 4}, {65535, 65534, 65535, 65534});
  const std::vector<std::uint32_t> trials = {0};
  const Scaler scaler = fit_scaler(counts, trials);
  CHECK(scaler.mean[0] == 65534.5);
  CHECK(scaler.scale[0] == 0.5);
}

TEST_CASE("scaling needs a trial") {
  expect_error(ErrorKind::input, {"no trial"}, [] { fit_scaler(formula_counts(), {}); });
}

TEST_CASE("the number of components is scikit-learn's for every share of variance") {
  const auto all = scaled_on(all_trials), some = scaled_on(some_trials);
  const auto kept = [](const Array<double, 3>& scaled, const std::vector<std::uint32_t>& trials,
                       double variance) { return fit_pca(scaled, trials, variance).basis.extent(0); };
  const std::vector<double> shares = {0.2, 0.5, 0.8, 0.9, 0.95, 0.999};
  const std::vector<std::size_t> of_all = {1, 2, 3, 4, 4, 4}, of_some = {1, 2, 3, 3, 4, 4};
  for (std::size_t i = 0; i < shares.size(); ++i) {
    CAPTURE(shares[i]);
    CHECK(kept(all, all_trials, shares[i]) == of_all[i]);
    CHECK(kept(some, some_trials, shares[i]) == of_some[i]);
  }
}

TEST_CASE("all of the variance is kept without a component for the constant unit") {
  const Pca pca = fit_pca(scaled_on(all_trials), all_trials, 1.0);
  CHECK(pca.basis.extent(0) == 4);
  const auto& ratios = pca.explained_variance_ratio;
  CHECK(std::accumulate(ratios.begin(), ratios.end(), 0.0) == doctest::Approx(1.0).epsilon(1e-14));
}

TEST_CASE("components and shares of variance are scikit-learn's, the largest loading positive") {
  const Pca pca = fit_pca(scaled_on(some_trials), some_trials, 0.5);
  check_close(pca.explained_variance_ratio, {0.4161647987182567, 0.319157773961841}, 1e-14);
  check_close(pca.basis.values(),
              {0.5503039924810409, 0.46817978111360237, 0.0, 0.6817153778236227, 0.11505369205132948,
               0.27626276857111604, -0.5807693058218447, 0.0, 0.04684895309230972, 0.7643239311383555},
              1e-13);
}

TEST_CASE("one trial in which two units are constant has two components") {
  const std::vector<std::uint32_t> one = {4};
  const Pca pca = fit_pca(scaled_on(one), one, 1.0);
  check_close(pca.explained_variance_ratio, {0.8078915038296955, 0.19210849617030443}, 1e-14);
}

TEST_CASE("one unit is its own component") {
  const Array<std::uint16_t, 3> counts({2, 1, 3}, {0, 1, 2, 5, 0, 1});
  const std::vector<std::uint32_t> trials = {0, 1};
  const auto scaled = scale_counts(counts, fit_scaler(counts, trials));
  const Pca pca = fit_pca(scaled, trials, 0.95);
  check_close(pca.basis.values(), {1.0}, 0.0);
  check_close(pca.explained_variance_ratio, {1.0}, 0.0);
  const auto scores = project(scaled, pca);
  CHECK(scores.shape() == Array<float, 3>::Shape{2, 3, 1});
  CHECK(scores(1, 0, 0) == static_cast<float>(scaled(1, 0, 0)));
}

TEST_CASE("of equal loadings the first is positive") {
  const double s = std::sqrt(0.5);
  const std::vector<std::uint32_t> trials = {0};
  for (const auto& values : {std::vector<std::uint16_t>{0, 1, 3, 0, 1, 0, 0, 2}, {0, 1, 3, 0, 0, 2, 1, 0}}) {
    const Array<std::uint16_t, 3> counts({1, 2, 4}, values);
    const Pca pca = fit_pca(scale_counts(counts, fit_scaler(counts, trials)), trials, 1.0);
    const bool correlated = pca.basis(0, 1) > 0.0;
    check_close(pca.basis.values(), {s, correlated ? s : -s, s, correlated ? -s : s}, 1e-12);
  }
}

TEST_CASE("scores of trials that were not fitted are projections on the same components") {
  const auto scaled = scaled_on(some_trials);
  const Pca pca = fit_pca(scaled, some_trials, 0.9);
  const auto scores = project(scaled, pca);
  REQUIRE(scores.shape() == Array<float, 3>::Shape{6, 8, 3});
  for (std::size_t component = 0; component < 3; ++component) {
    double expected = 0.0;
    for (std::size_t unit = 0; unit < 5; ++unit) expected += scaled(5, unit, 6) * pca.basis(component, unit);
    CHECK(scores(5, 6, component) == doctest::Approx(expected).epsilon(1e-6));
  }
}

TEST_CASE("without PCA every unit is a component with its share of the variance") {
  const auto scaled = scaled_on(all_trials);
  const Pca pca = identity_pca(scaled, all_trials);
  check_close(pca.explained_variance_ratio, {0.25, 0.25, 0.0, 0.25, 0.25}, 1e-15);
  const auto scores = project(scaled, pca);
  CHECK(scores(3, 7, 1) == static_cast<float>(scaled(3, 1, 7)));
  CHECK(scores(3, 7, 2) == 0.0F);
}

TEST_CASE("of more units than samples the components are those that the covariance of the units has") {
  Array<std::uint16_t, 3> counts({1, 12, 9});
  for (std::size_t i = 0; i < counts.size(); ++i)
    counts.values()[i] = static_cast<std::uint16_t>(i * i % 31 % 5);
  const std::vector<std::uint32_t> once = {0}, twice = {0, 0};  // Samples repeated change no covariance.
  const auto scaled = scale_counts(counts, fit_scaler(counts, once));
  const Pca few = fit_pca(scaled, once, 1.0), many = fit_pca(scaled, twice, 1.0);
  check_close(few.explained_variance_ratio, many.explained_variance_ratio, 1e-12);
  const auto expected = many.basis.values();
  check_close(few.basis.values(), {expected.begin(), expected.end()}, 1e-9);
  CHECK(few.basis.extent(0) == 8);

  const Pca each = identity_pca(scaled, once), listed = identity_pca(scaled, twice);
  CHECK(each.basis.shape() == Array<double, 2>::Shape{0, 12});
  CHECK(listed.basis.shape() == Array<double, 2>::Shape{12, 12});
  check_close(each.explained_variance_ratio, listed.explained_variance_ratio, 1e-14);
  CHECK(project(scaled, each) == project(scaled, listed));
}

TEST_CASE("a decomposition ends at once where a stop is asked for, however long it takes") {
  std::promise<void> never;
  const auto wait = [end = never.get_future().share()] { end.wait(); };
  expect_error(ErrorKind::stopped, {}, [&] { unless_stopped(test::stopped(), wait); });
  never.set_value();
  CHECK(unless_stopped(std::stop_token(), [] { return 4; }) == 4);
  const auto scaled = scaled_on(all_trials);
  expect_error(ErrorKind::stopped, {}, [&] { fit_pca(scaled, all_trials, 0.5, test::stopped()); });
  expect_error(ErrorKind::stopped, {},
               [&] { project(scaled, identity_pca(scaled, all_trials), {}, test::stopped()); });
}

TEST_CASE("units that never vary leave nothing to fit") {
  const Array<std::uint16_t, 3> counts({2, 2, 3}, std::uint16_t{4});
  const std::vector<std::uint32_t> trials = {0, 1};
  const auto scaled = scale_counts(counts, fit_scaler(counts, trials));
  expect_error(ErrorKind::input, {"none of the 2 units", "2 trials"}, [&] { fit_pca(scaled, trials, 0.95); });
  expect_error(ErrorKind::input, {"none of the 2 units"}, [&] { identity_pca(scaled, trials); });
}

TEST_CASE("a share of variance that is none is refused") {
  for (const double variance : {0.0, -1.0, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    expect_error(ErrorKind::config, {"pca.variance", fmt::format("{}", variance)},
                 [&] { fit_pca(scaled_on(all_trials), all_trials, variance); });
  }
}
