#include "inference/predict.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "neural/gaussian_rates.hpp"
#include "unit/inference/small_fit.hpp"

using namespace rnn_rates;
using namespace rnn_rates::inference;

namespace {

Networks two_grus(const FitData& data) {
  return make_networks(data, {constant_gru(1), constant_gru(4)}, Weights::last);
}

/// In the order of the enumeration.
std::vector<Method> methods(const FitData& data, const Networks& networks, const Purpose& purpose) {
  std::vector<Method> all = methods_for(data, networks, purpose);
  std::sort(all.begin(), all.end());
  return all;
}

const SomeOf<CombineWith> by_default = {CombineWith::plds, CombineWith::gpfa, CombineWith::gaussian,
                                        CombineWith::inferred_condition};
const std::vector<Method> combined = {Method::rnn,  Method::gaussian,           Method::condition_average,
                                      Method::gpfa, Method::inferred_condition, Method::plds};
const std::vector<Method> everything = {
    Method::rnn,  Method::gaussian,           Method::boxcar, Method::baks, Method::condition_average,
    Method::gpfa, Method::inferred_condition, Method::plds};

}  // namespace

TEST_CASE("the methods that predict are those that the rates are combined from, or compared with") {
  FitData data = small_fit();
  const Networks grus = two_grus(data), autoencoder = Autoencoder{};
  CHECK(methods(data, grus, {.combine_with = by_default}) == combined);
  CHECK(methods(data, grus, {}) == std::vector{Method::rnn, Method::gaussian, Method::condition_average});
  CHECK(methods(data, grus, {.combine_with = {}, .baselines = true}) == everything);
  // The autoencoder predicts ahead, and is compared with others where trials are held out.
  CHECK(methods(data, autoencoder, {.baselines = true}).empty());
  data.fit.test_trials = {1};
  CHECK(methods(data, autoencoder, {.combine_with = by_default}) ==
        std::vector{Method::gaussian, Method::condition_average});
  CHECK(methods(data, autoencoder, {.baselines = true}) ==
        std::vector(everything.begin() + 1, everything.end()));
  data.counts = some_counts(8, 3, most_gpfa_bins + 1);
  std::vector<Method> without_gpfa = combined;
  std::erase(without_gpfa, Method::gpfa);
  CHECK(methods(data, grus, {.combine_with = by_default}) == without_gpfa);
}

TEST_CASE("the PLDS takes longest and starts first") {
  const FitData data = small_fit();
  CHECK(methods_for(data, two_grus(data), {.baselines = true}).front() == Method::plds);
}

TEST_CASE("every entry is predicted while its own block is hidden") {
  const FitData data = small_fit();
  const Predictions found = predict(data, two_grus(data), {.combine_with = {}, .baselines = true}, {}, 2);
  REQUIRE(found.methods.size() == everything.size());
  const Prediction& network = found.methods.at(Method::rnn);
  CHECK(network.blocks.parts == 4);
  CHECK(network.units.parts == 4);
  CHECK(network.rate_hz.size() == 0);
  for (std::size_t trial = 0; trial < 8; ++trial) {
    CHECK(network.blocks.rate_hz(trial, 0, 5) == doctest::Approx(trial % 2 == 0 ? 40 : 160).epsilon(1e-4));
    CHECK(network.units.rate_hz(trial, 1, 9) == doctest::Approx(trial % 2 == 0 ? 40 : 160).epsilon(1e-4));
  }
  // Blocks of 8 bins in 4 parts, though the networks were trained with others.
  const auto parts = neural::block_parts(data.counts.shape(), 8, 4, 16, derive_seed(1, "held-out blocks"));
  CHECK(std::ranges::equal(hidden_parts(data).values(), parts.values()));
  const Prediction& kernel = found.methods.at(Method::gaussian);
  for (std::size_t part = 0; part < 4; ++part) {
    const Array<float, 3> alone_hz =
        neural::predict_gaussian(data.counts, neural::hide_part(parts, part), data.bin_ms());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts.values()[i] == part) REQUIRE(kernel.blocks.rate_hz.values()[i] == alone_hz.values()[i]);
    }
  }
  CHECK(kernel.rate_hz == neural::predict_gaussian(data.counts, {}, data.bin_ms()));
  // A kernel would know no more than the mean of a unit that is hidden in the whole trial.
  CHECK(kernel.units.parts == 0);
  CHECK(found.methods.at(Method::gpfa).units.parts == 4);
  CHECK(found.methods.at(Method::plds).units.parts == 4);
}

TEST_CASE("predictions that were broken off continue to the same end, on any number of threads") {
  const FitData data = small_fit();
  const Networks networks = two_grus(data);
  const Predictions expected = predict(data, networks, {.combine_with = by_default}, {}, 1);
  Predictions so_far = expected;
  // As if the last two parts of one method and all of another were still to come.
  Prediction& kernel = so_far.methods.at(Method::gaussian);
  const auto parts = hidden_parts(data);
  kernel.blocks.parts = 2;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts.values()[i] >= 2) kernel.blocks.rate_hz.values()[i] = 0;
  }
  kernel.rate_hz = {};
  so_far.methods.erase(Method::gpfa);
  so_far.methods.erase(Method::plds);
  so_far.gpfa.resize(1);
  const Predictions found = predict(data, networks, {.combine_with = by_default}, std::move(so_far), 3);
  REQUIRE(found.methods.size() == expected.methods.size());
  for (const auto& [method, prediction] : expected.methods) {
    CAPTURE(word(method));
    const Prediction& other = found.methods.at(method);
    CHECK(other.blocks.parts == prediction.blocks.parts);
    CHECK(other.blocks.rate_hz == prediction.blocks.rate_hz);
    CHECK(other.units.rate_hz == prediction.units.rate_hz);
    CHECK(other.rate_hz == prediction.rate_hz);
  }
}
