#include "neural/gpfa.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "check_close.hpp"
#include "core/random.hpp"
#include "neural/metrics.hpp"
#include "neural/rates.hpp"
#include "support/expect_error.hpp"
#include "support/stopped.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;
using test::expect_error;

namespace {

const Gpfa given{{0, 1, 2},
                 Array<double, 2>({3, 2}, {0.5, 0.1, -0.3, 0.4, 0.2, 0.2}),
                 {0.9, 0.7, 0.6},
                 {0.3, 0.25, 0.2},
                 {2.0, 3.5}};
const Array<std::uint16_t, 3> counts({4, 3, 6}, {1, 0, 1, 1, 1, 2, 1, 1, 2, 3, 1, 0, 0, 0, 1, 1, 0, 0,
                                                 2, 1, 2, 1, 0, 1, 2, 0, 0, 0, 1, 2, 2, 2, 1, 1, 3, 3,
                                                 1, 0, 0, 0, 0, 1, 0, 0, 1, 2, 2, 0, 2, 1, 2, 1, 1, 1,
                                                 1, 1, 1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 1, 2, 3, 1, 1, 0});
const std::vector<std::uint32_t> all_trials = {0, 1, 2, 3};
const std::vector<std::uint32_t> first_two = {0, 1}, last_two = {2, 3};
const GpfaFolds given_folds{
    {.fold = {0, 0, 1, 1}},
    2,
    {given, given},
    {gpfa_count_scale(given, counts, last_two), gpfa_count_scale(given, counts, first_two)}};

GpfaFolds cross_fit(const Array<std::uint16_t, 3>& of_counts, const Folds& folds,
                    std::span<const std::uint32_t> latent_counts) {
  std::vector<GpfaFit> fits;
  return cross_fit_gpfa(of_counts, folds, latent_counts, fits);
}

std::uint16_t poisson(RandomStream& random, double mean) {
  std::uint16_t count = 0;
  for (double product = random.uniform(); product > std::exp(-mean); product *= random.uniform()) ++count;
  return count;
}

/// White noise smoothed by a Gaussian of standard deviation s is a Gaussian process with a squared
/// exponential of timescale s * sqrt(2).
std::vector<double> smooth_noise(RandomStream& random, std::size_t bins, double sigma_bins) {
  const auto reach = static_cast<std::size_t>(4.0 * sigma_bins);
  std::vector<double> noise(bins + 2 * reach), result(bins, 0.0);
  for (double& value : noise) value = random.normal();
  double squares = 0.0;
  for (std::size_t lag = 0; lag <= 2 * reach; ++lag) {
    const double z = (static_cast<double>(lag) - static_cast<double>(reach)) / sigma_bins;
    const double weight = std::exp(-0.5 * z * z);
    squares += weight * weight;
    for (std::size_t bin = 0; bin < bins; ++bin) result[bin] += weight * noise[bin + lag];
  }
  for (double& value : result) value /= std::sqrt(squares);
  return result;
}

/// Two latents of timescales 3 and 10 bins, each driving half of 12 units; unit 12 is silent.
struct Simulated {
  Array<std::uint16_t, 3> counts{{40, 13, 60}};
  Array<float, 3> rates_hz{{40, 13, 60}};
  Folds folds = assign_folds(40, 4);
};

Simulated simulate() {
  Simulated session;
  RandomStream random(11);
  for (std::size_t trial = 0; trial < 40; ++trial) {
    const auto fast = smooth_noise(random, 60, 3.0 / std::sqrt(2.0));
    const auto slow = smooth_noise(random, 60, 10.0 / std::sqrt(2.0));
    for (std::size_t unit = 0; unit < 12; ++unit) {
      for (std::size_t bin = 0; bin < 60; ++bin) {
        const double mean = std::exp(0.6 * (unit % 2 == 0 ? fast : slow)[bin] + 0.3);
        session.counts(trial, unit, bin) = poisson(random, mean);
        session.rates_hz(trial, unit, bin) = static_cast<float>(mean * 40.0);
      }
    }
  }
  return session;
}

/// The counts of the units 0 to 11, which spike.
std::vector<std::uint32_t> trials_outside(const Simulated& session, std::uint32_t fold) {
  std::vector<std::uint32_t> trials;
  for (std::uint32_t trial = 0; trial < 40; ++trial) {
    if (session.folds.fold[trial] != fold) trials.push_back(trial);
  }
  return trials;
}

}  // namespace

TEST_CASE("GPFA's log-likelihood is SciPy's normal density with the covariance made diagonal in cosines") {
  CHECK(gpfa_log_likelihood(given, counts, all_trials) == doctest::Approx(-69.22762897966213).epsilon(1e-10));
}

// The expected rates are NumPy's, from the dense covariance, SciPy's root finder for the Poisson
// mean of an expected root, and NumPy's Hermite nodes. The white noise and the directions of little variance
// that predict_gpfa leaves out move a rate by less than 1 %.
TEST_CASE("GPFA's rates follow from the exact posterior") {
  check_share(predict_gpfa(given_folds, counts, {}, 25).values(),
              {17.3368839,  15.99321408, 18.08127461, 22.72541565, 28.50953441, 33.66606826, 45.23139116,
               48.90443569, 47.17311276, 40.45979349, 31.7024925,  24.17792184, 34.23348575, 34.33893178,
               36.52525676, 39.56555782, 42.04836854, 43.01495286, 51.11299819, 58.54785121, 58.46064972,
               50.02564248, 40.37935731, 35.32538505, 26.94142005, 22.67741258, 23.3156814,  29.31872554,
               38.36605951, 46.16555726, 63.02919151, 67.60637806, 68.07724829, 64.11584283, 59.45688864,
               57.44310824, 49.47159752, 35.2333309,  22.50955797, 18.23577239, 23.93464431, 36.58644307,
               24.98403471, 36.913931,   52.12609431, 60.23388973, 55.01150998, 43.1651206,  44.24945519,
               38.50773471, 32.344668,   30.53275753, 34.71157589, 41.92145269, 50.42379391, 52.37705838,
               52.31907524, 50.45283588, 47.61418792, 44.3779052,  62.0362159,  64.8812049,  65.63243197,
               63.0280976,  57.59872004, 51.47248335, 61.88557576, 65.23744583, 65.54721424, 62.83472388,
               58.05341068, 52.24016909},
              0.01);
}

TEST_CASE("GPFA predicts hidden entries, and a trial hidden entirely from the unit's other numbers") {
  const Hidden hidden({4, 3, 6}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0,
                                  0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0});
  check_share(predict_gpfa(given_folds, counts, hidden, 25).values(),
              {17.3368839,  15.99321408, 18.08127461, 22.72541565, 28.50953441, 33.66606826, 45.23139116,
               48.90443569, 47.17311276, 40.45979349, 31.7024925,  24.17792184, 34.23348575, 34.33893178,
               36.52525676, 39.56555782, 42.04836854, 43.01495286, 39.0402277,  52.39255362, 67.18899646,
               72.78434834, 65.15909225, 52.22894659, 25.81716645, 20.74450216, 18.48078709, 21.30599524,
               29.75435551, 41.49893365, 49.74071157, 60.02184371, 71.81489408, 79.18866452, 78.97871977,
               73.65573022, 49.47159752, 35.2333309,  22.50955797, 18.23577239, 23.93464431, 36.58644307,
               24.98403471, 36.913931,   52.12609431, 60.23388973, 55.01150998, 43.1651206,  44.24945519,
               38.50773471, 32.344668,   30.53275753, 34.71157589, 41.92145269, 49.33927758, 53.81400001,
               56.64874972, 55.79748454, 51.5980775,  46.17075197, 60.88446086, 58.52740996, 54.27044761,
               49.44112611, 45.07118445, 41.65641486, 59.134951,   62.43265443, 63.08350025, 60.24000523,
               54.75073661, 48.38090129},
              0.01);
}

TEST_CASE("with one bin a trial, GPFA is scikit-learn's factor analysis of the roots") {
  const Array<std::uint16_t, 3> samples(
      {60, 5, 1},
      {0, 1,  3,  4,  0, 10, 4,  0, 8, 3, 4,  6,  2, 5,  5, 2, 2,  1,  5,  1, 3,  7,  3, 1, 4, 2,  0,  2,
       1, 4,  18, 13, 2, 7,  15, 0, 0, 1, 7,  1,  1, 0,  5, 0, 2,  2,  0,  1, 5,  1,  7, 1, 0, 23, 2,  0,
       5, 15, 0,  3,  8, 6,  0,  0, 9, 1, 8,  8,  0, 7,  1, 6, 1,  1,  6,  0, 1,  10, 0, 1, 0, 1,  3,  2,
       1, 0,  7,  3,  2, 1,  4,  0, 7, 2, 3,  1,  3, 5,  1, 3, 12, 11, 1,  2, 12, 9,  8, 3, 1, 9,  7,  8,
       2, 3,  14, 1,  0, 7,  4,  1, 3, 1, 0,  8,  4, 1,  0, 0, 6,  3,  0,  2, 5,  2,  0, 1, 1, 1,  10, 0,
       0, 3,  1,  1,  0, 1,  4,  1, 4, 2, 5,  1,  1, 7,  2, 3, 5,  4,  2,  4, 2,  0,  1, 2, 1, 3,  1,  2,
       2, 1,  7,  2,  3, 3,  3,  0, 0, 1, 18, 0,  4, 4,  2, 1, 6,  9,  9,  2, 0,  2,  3, 3, 2, 2,  6,  0,
       3, 9,  0,  2,  1, 2,  1,  0, 4, 4, 4,  5,  4, 5,  8, 5, 2,  4,  7,  2, 2,  2,  5, 0, 5, 5,  16, 2,
       3, 1,  4,  9,  0, 4,  5,  4, 4, 2, 3,  7,  4, 0,  5, 2, 5,  8,  11, 2, 4,  2,  3, 3, 4, 1,  1,  0,
       6, 5,  2,  2,  3, 15, 1,  3, 0, 2, 0,  12, 2, 15, 7, 5, 4,  12, 8,  4, 1,  3,  3, 2, 5, 4,  4,  2,
       1, 4,  1,  0,  8, 4,  10, 5, 3, 5, 3,  1,  5, 0,  2, 7, 12, 5,  0,  6});
  std::vector<std::uint32_t> trials(60);
  for (std::uint32_t trial = 0; trial < 60; ++trial) trials[trial] = trial;
  const Gpfa model = fit_gpfa(samples, trials, 2);
  CHECK(model.log_likelihood == doctest::Approx(-375.98827196494847).epsilon(1e-4));
  std::vector<double> covariance;
  for (std::size_t a = 0; a < 5; ++a) {
    for (std::size_t b = 0; b < 5; ++b) {
      covariance.push_back(a == b ? model.noise_variance[a] : 0.0);
      for (std::size_t i = 0; i < 2; ++i) covariance.back() += model.loadings(a, i) * model.loadings(b, i);
    }
  }
  check_close(covariance, {1.120774065,   0.5063047681,  -0.1834472037, 0.1090416476,  0.6288915402,
                           0.5063047681,  0.9774374904,  0.09354956133, -0.3022236357, 0.5291349969,
                           -0.1834472037, 0.09354956133, 0.9469531353,  -0.5106266318, 0.03575605589,
                           0.1090416476,  -0.3022236357, -0.5106266318, 1.129612686,   -0.2323238596,
                           0.6288915402,  0.5291349969,  0.03575605589, -0.2323238596, 0.8074044331},
              0.01);
}

TEST_CASE("GPFA of more units than samples is that of the same samples, each taken twice") {
  Array<std::uint16_t, 3> few({2, 12, 5});
  for (std::size_t i = 0; i < few.size(); ++i) few.values()[i] = static_cast<std::uint16_t>(i * i % 37 % 6);
  const std::vector<std::uint32_t> once = {0, 1}, twice = {0, 1, 0, 1};
  const Gpfa found = fit_gpfa(few, once, 2), expected = fit_gpfa(few, twice, 2);
  REQUIRE(found.units == expected.units);
  CHECK(found.iterations == expected.iterations);
  CHECK(2 * found.log_likelihood == doctest::Approx(expected.log_likelihood).epsilon(1e-9));
  check_close(found.noise_variance, expected.noise_variance, 1e-6);
  check_close(found.timescale_bins, expected.timescale_bins, 1e-4);
  for (std::size_t a = 0; a < found.units.size(); ++a) {
    for (std::size_t b = 0; b < found.units.size(); ++b) {
      const auto shared = [&](const Gpfa& model) {
        return model.loadings(a, 0) * model.loadings(b, 0) + model.loadings(a, 1) * model.loadings(b, 1);
      };
      CHECK(shared(found) == doctest::Approx(shared(expected)).epsilon(1e-5));
    }
  }
  CHECK(2 * gpfa_log_likelihood(found, few, once) ==
        doctest::Approx(gpfa_log_likelihood(found, few, twice)).epsilon(1e-9));
}

TEST_CASE("an iteration never lowers GPFA's likelihood, and the last ones find the timescales") {
  const Simulated session = simulate();
  const auto trials = trials_outside(session, 0);
  double before = -1e300;
  for (const std::size_t iterations : {1u, 2u, 3u, 5u, 10u, 20u, 40u}) {
    Gpfa model;
    go_on_fitting_gpfa(session.counts, trials, 2, iterations, model);
    CHECK(model.log_likelihood > before);
    before = model.log_likelihood;
  }
  Gpfa model = fit_gpfa(session.counts, trials, 2);
  std::sort(model.timescale_bins.begin(), model.timescale_bins.end());
  // The roots' latent is not quite the log rate's, and one session's estimate varies; elephant 1.2.1 finds
  // 3.09 and 10.48 in the same counts.
  CHECK(model.timescale_bins[0] == doctest::Approx(3.0).epsilon(0.15));
  CHECK(model.timescale_bins[1] == doctest::Approx(10.0).epsilon(0.15));
  CHECK(model.units.size() == 12);
}

TEST_CASE("a GPFA fit that was interrupted ends like one that was not, bit for bit") {
  const Simulated session = simulate();
  const auto trials = trials_outside(session, 0);
  const Gpfa expected = fit_gpfa(session.counts, trials, 2);
  REQUIRE(expected.converged);
  Gpfa model;
  for (std::size_t iterations = 1;; iterations += 4) {
    go_on_fitting_gpfa(session.counts, trials, 2, iterations, model);
    if (model.converged) break;
    expect_error(ErrorKind::stopped, {},
                 [&] { go_on_fitting_gpfa(session.counts, trials, 2, 200, model, test::stopped()); });
    CHECK(model.iterations == iterations);
    REQUIRE(iterations < 200);
  }
  CHECK(model.iterations == expected.iterations);
  CHECK(model.loadings == expected.loadings);
  CHECK(model.noise_variance == expected.noise_variance);
  CHECK(model.timescale_bins == expected.timescale_bins);
  CHECK(model.log_likelihood == expected.log_likelihood);
}

TEST_CASE("a cross fit goes on with the fits that it is given") {
  const Simulated session = simulate();
  const std::vector<std::uint32_t> latent_counts = {1, 2};
  std::vector<GpfaFit> fits;
  const GpfaFolds expected = cross_fit_gpfa(session.counts, session.folds, latent_counts, fits);
  CHECK(fits.size() == latent_counts.size() + expected.models.size() - 1);
  fits.pop_back();
  expect_error(ErrorKind::stopped, {},
               [&] { cross_fit_gpfa(session.counts, session.folds, latent_counts, fits, test::stopped()); });
  const std::uint32_t iterations = fits[1].model.iterations;
  const double given_offset = fits[0].model.offset[0];
  fits[0].model.offset[0] += 1e-3;  // A new fit would not keep it.
  const GpfaFolds found = cross_fit_gpfa(session.counts, session.folds, latent_counts, fits);
  CHECK(found.models.back().loadings == expected.models.back().loadings);
  CHECK(fits[1].model.iterations == iterations);
  CHECK(fits[0].model.offset[0] == doctest::Approx(given_offset + 1e-3).epsilon(1e-12));
}

TEST_CASE("cross-fitted GPFA chooses the latents simulated and predicts rates, units from others too") {
  const Simulated session = simulate();
  const std::vector<std::uint32_t> latent_counts = {1, 2, 6};
  const GpfaFolds folds = cross_fit(session.counts, session.folds, latent_counts);
  CHECK(folds.latents == 2);
  const auto rates_hz = predict_gpfa(folds, session.counts, {}, 25);
  CHECK(r2(rates_hz, session.rates_hz).pooled > 0.8);
  for (std::size_t bin = 0; bin < 60; ++bin) CHECK(rates_hz(3, 12, bin) == 0.0F);

  Hidden hidden(session.counts.shape());
  for (std::size_t trial = 0; trial < 40; ++trial) std::fill_n(&hidden(trial, 5, 0), 60, 1);
  const auto co_smoothed_hz = predict_gpfa(folds, session.counts, hidden, 25);
  CHECK(r2(co_smoothed_hz, session.rates_hz).per_unit[5] > 0.7);
  CHECK(bits_per_spike_of(co_smoothed_hz, rate_hz(session.counts, 25), hidden).pooled > 0.1);
}

TEST_CASE("cross-fitted GPFA of units that share nothing is their means") {
  RandomStream random(5);
  Array<std::uint16_t, 3> flat({24, 6, 20});
  for (std::uint16_t& count : flat.values()) count = poisson(random, 0.4);
  Folds folds;
  for (std::uint32_t trial = 0; trial < 24; ++trial) folds.fold.push_back(trial % 4);
  const std::vector<std::uint32_t> latent_counts = {4, 8};
  const GpfaFolds fitted = cross_fit(flat, folds, latent_counts);
  CHECK(fitted.latents == 0);
  const Array<float, 3> rates_hz = predict_gpfa(fitted, flat, {}, 25.0);
  const std::vector<double> mean_hz = mean_kept_rate_hz(flat, {}, 25.0);
  for (std::size_t unit = 0; unit < 6; ++unit)
    CHECK(double{rates_hz(3, unit, 7)} == doctest::Approx(mean_hz[unit]));
}

TEST_CASE("GPFA's prediction of a trial depends neither on its hidden counts nor its fit on the trial") {
  const Simulated session = simulate();
  Simulated changed = session;
  Hidden hidden(session.counts.shape());
  for (std::size_t bin = 10; bin < 30; ++bin) {
    hidden(0, 3, bin) = 1;
    changed.counts(0, 3, bin) = 9;
  }
  const std::vector<std::uint32_t> latent_counts = {2};
  const auto predict = [&](const Simulated& from) {
    return predict_gpfa(cross_fit(from.counts, from.folds, latent_counts), from.counts, hidden, 25);
  };
  const auto before = predict(session), after = predict(changed);
  for (std::size_t i = 0; i < 12 * 60; ++i) CHECK(before.values()[i] == after.values()[i]);
}

TEST_CASE(
    "GPFA outlives sessions without spikes, with one unit, and units that spike in held-out trials alone") {
  const std::vector<std::uint32_t> latent_counts = {4};
  const Folds folds{.fold = {0, 0, 1, 1}};
  const Array<std::uint16_t, 3> silent({4, 3, 6});
  check_close(predict_gpfa(cross_fit(silent, folds, latent_counts), silent, {}, 25).values(),
              std::vector<double>(72, 0.0), 0.0);

  Array<std::uint16_t, 3> rare = counts;
  for (std::size_t trial = 0; trial < 4; ++trial) std::fill_n(&rare(trial, 1, 0), 6, 0);
  rare(0, 1, 2) = 1;
  const auto rates_hz = predict_gpfa(cross_fit(rare, folds, latent_counts), rare, {}, 25);
  for (const float rate : rates_hz.values()) CHECK((std::isfinite(rate) && rate >= 0.0F));
  CHECK(rates_hz(0, 1, 2) == doctest::Approx(40.0 / 24));

  Array<std::uint16_t, 3> one_unit({4, 1, 6});
  for (std::size_t i = 0; i < 24; ++i) one_unit.values()[i] = static_cast<std::uint16_t>(i % 5);
  const auto one_unit_hz = predict_gpfa(cross_fit(one_unit, folds, latent_counts), one_unit, {}, 25);
  for (const float rate : one_unit_hz.values()) CHECK((std::isfinite(rate) && rate >= 0.0F));
}

TEST_CASE("a fold that holds out every trial is refused") {
  const std::vector<std::uint32_t> latent_counts = {2};
  const Folds one_fold{.fold = {0, 0, 0, 0}};
  expect_error(ErrorKind::config, {"fold 0 of 1"}, [&] { cross_fit(counts, one_fold, latent_counts); });
  expect_error(ErrorKind::config, {"latents"}, [&] { cross_fit(counts, one_fold, {}); });
}
