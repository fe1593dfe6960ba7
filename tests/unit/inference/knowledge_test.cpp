#include "inference/knowledge.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "support/expect_error.hpp"
#include "unit/inference/small_fit.hpp"

using namespace rnn_rates;
using namespace rnn_rates::inference;

namespace {

const std::vector<std::string> one_region = {"gc", "gc", "gc"}, two_regions = {"gc", "gc", "bla"};

Networks networks_of(std::size_t directions) {
  return MaskedGrus{.folds = {{.shape = {.units = 3, .hidden = 1, .directions = directions, .rank = 1}}},
                    .context = {}};
}

}  // namespace

TEST_CASE(
    "a network of two directions reads all of its window, or of its chop, one of one direction no bin "
    "ahead") {
  FitData data = small_fit();
  CHECK(scope_of(data, networks_of(2), 2, one_region).network_future_ms == 500);
  CHECK(scope_of(data, networks_of(1), 2, one_region).network_future_ms == 0);
  CHECK(scope_of(data, Autoencoder(), 2, one_region).network_future_ms == 0);
  data.fit.chop = {.bins = 8, .overlap = 2};
  CHECK(scope_of(data, networks_of(2), 2, one_region).network_future_ms == 200);
  data.fit.chop = {.bins = 80, .overlap = 2};
  CHECK(scope_of(data, networks_of(2), 2, one_region).network_future_ms == 500);
}

TEST_CASE("a fit to some of the conditions knows the trial's, a fit to several regions reads them all") {
  const FitData data = small_fit();
  CHECK_FALSE(scope_of(data, networks_of(2), 2, one_region).of_some_conditions);
  CHECK(scope_of(data, networks_of(2), 3, one_region).of_some_conditions);
  CHECK_FALSE(scope_of(data, networks_of(2), 2, one_region).of_several_regions);
  const FitScope joint = scope_of(data, networks_of(2), 2, two_regions);
  CHECK(joint.of_several_regions);
  CHECK(knowledge_of(Method::rnn, joint) ==
        Knowledge{.future_ms = 500, .other_regions = true, .own_spikes = true});
  CHECK(knowledge_of(Method::gpfa, joint).other_regions);
  CHECK(knowledge_of(Method::plds, joint).other_regions);
  CHECK_FALSE(knowledge_of(Method::gaussian, joint).other_regions);
  CHECK_FALSE(knowledge_of(Method::baks, joint).other_regions);
}

TEST_CASE("what is combined knows what any of its methods does") {
  const FitScope scope{.window_ms = 3000, .network_future_ms = 0};
  const std::vector causal = {Method::rnn}, with_label = {Method::rnn, Method::condition_average},
                    ahead = {Method::rnn, Method::gaussian};
  CHECK(knowledge_of(causal, scope) == Knowledge{.own_spikes = true});
  CHECK(knowledge_of(with_label, scope) == Knowledge{.condition_label = true, .own_spikes = true});
  CHECK(knowledge_of(ahead, scope) == Knowledge{.future_ms = 3000, .own_spikes = true});
  CHECK(knowledge_of(Method::boxcar, scope).future_ms == 125);
  CHECK(knowledge_of(Method::inferred_condition, scope) == Knowledge{.own_spikes = true});
  CHECK(knowledge_of(Method::condition_average, scope) == Knowledge{.condition_label = true});
  test::expect_error(ErrorKind::bug, {"combined"},
                     [&] { static_cast<void>(knowledge_of(Method::combined, scope)); });
}

TEST_CASE("what rates are made from is told in a sentence") {
  CHECK(described({.own_spikes = true}) ==
        "made from the trial's spikes up to the bin, without knowing the trial's condition");
  CHECK(described({.condition_label = true, .future_ms = 3000, .other_regions = true, .own_spikes = true}) ==
        "made from the trial's spikes, up to 3000 ms after the bin, in other regions too, knowing the "
        "trial's condition");
  CHECK(described({.condition_label = true}) ==
        "made from other trials' spikes, knowing the trial's condition");
}
