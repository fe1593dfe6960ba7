#include "neural/chop.hpp"

#include <doctest/doctest.h>

#include <set>

#include "check_close.hpp"
#include "support/expect_error.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;
using test::expect_error;

namespace {

constexpr std::uint32_t one_trial[] = {0};

std::vector<std::size_t> starts(std::size_t bins, const ChopSize& size) {
  std::vector<std::size_t> first_bins;
  for (const Chop& chop : plan_chops(one_trial, 0, bins, size).all) first_bins.push_back(chop.first_bin);
  return first_bins;
}

/// (bin, trial, feature) of numbers that float does not hold exactly.
Array<float, 3> whole_outputs(std::size_t bins, std::size_t trials, std::size_t features) {
  Array<float, 3> values({bins, trials, features});
  for (std::size_t i = 0; i < values.size(); ++i)
    values.values()[i] = 0.1F + 0.3F * static_cast<float>(i % 97);
  return values;
}

}  // namespace

TEST_CASE("chops cover the window, the last one aligned to its end") {
  CHECK(starts(10, {4, 1}) == std::vector<std::size_t>{0, 3, 6});
  CHECK(starts(11, {4, 1}) == std::vector<std::size_t>{0, 3, 6, 7});
  CHECK(starts(12, {4, 0}) == std::vector<std::size_t>{0, 4, 8});
  CHECK(starts(9, {4, 3}) == std::vector<std::size_t>{0, 1, 2, 3, 4, 5});
  CHECK(plan_chops(one_trial, 0, 10, {4, 1}).bins == 4);
}

TEST_CASE("windows no longer than a chop stay whole, as all do without chops") {
  CHECK(starts(4, {4, 1}) == std::vector<std::size_t>{0});
  CHECK(starts(3, {4, 1}) == std::vector<std::size_t>{0});
  CHECK(plan_chops(one_trial, 0, 3, {4, 1}).bins == 3);
  CHECK(plan_chops(one_trial, 0, 3, {}).bins == 3);
  CHECK(starts(1000, {}) == std::vector<std::size_t>{0});
}

TEST_CASE("chops come trial by trial, from the bin asked for") {
  constexpr std::uint32_t trials[] = {2, 5};
  const Chops chops = plan_chops(trials, 100, 7, {4, 1});
  CHECK(chops.all == std::vector<Chop>{{2, 100}, {2, 103}, {5, 100}, {5, 103}});
}

TEST_CASE("what is cut and merged again comes out bit for bit, whatever the overlap and remainder") {
  constexpr std::uint32_t trials[] = {0, 1, 2};
  for (const std::size_t bins : {5u, 12u, 13u, 40u}) {
    for (const ChopSize size :
         {ChopSize{0, 0}, ChopSize{5, 0}, ChopSize{5, 2}, ChopSize{5, 4}, ChopSize{12, 7}}) {
      CAPTURE(bins);
      CAPTURE(size.bins);
      CAPTURE(size.overlap);
      const Array<float, 3> values = whole_outputs(bins, 3, 2);
      const Chops chops = plan_chops(trials, 0, bins, size);
      CHECK(merge(cut_sequences(values, chops), chops, 3, bins) == values);
    }
  }
}

TEST_CASE("shared bins fade linearly from the earlier chop to the later") {
  const Chops chops = plan_chops(one_trial, 0, 7, {5, 3});
  REQUIRE(chops.all.size() == 2);
  Array<float, 3> pieces({5, 2, 1});
  for (std::size_t bin = 0; bin < 5; ++bin) {
    pieces(bin, 0, 0) = 4.0F;
    pieces(bin, 1, 0) = 8.0F;
  }
  check_close(merge(pieces, chops, 1, 7).values(), {4, 4, 5, 6, 7, 8, 8}, 1e-6);
}

TEST_CASE("merge weights are at least 0 and sum to 1, where three chops meet too") {
  // Chops at 0, 3, 6 and, for the remainder, 7: bins 7 to 9 lie in three of them.
  const std::size_t bins = 12;
  const Chops chops = plan_chops(one_trial, 0, bins, {5, 2});
  REQUIRE(chops.all.size() == 4);
  std::vector<double> sums(bins, 0.0);
  for (std::size_t i = 0; i < chops.all.size(); ++i) {
    Array<float, 3> pieces({5, chops.all.size(), 1});
    for (std::size_t bin = 0; bin < 5; ++bin) pieces(bin, i, 0) = 1.0F;
    const Array<float, 3> weights = merge(pieces, chops, 1, bins);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      CHECK(weights(bin, 0, 0) >= 0.0F);
      sums[bin] += weights(bin, 0, 0);
    }
  }
  for (const double sum : sums) CHECK(sum == doctest::Approx(1.0).epsilon(1e-6));
}

TEST_CASE("arrays with bins last are cut at the same places") {
  Array<int, 3> values({2, 2, 6});
  for (std::size_t i = 0; i < values.size(); ++i) values.values()[i] = static_cast<int>(i);
  constexpr std::uint32_t trials[] = {1};
  const Array<int, 3> pieces = cut(values, plan_chops(trials, 0, 6, {4, 2}));
  REQUIRE(pieces.shape() == Array<int, 3>::Shape{2, 2, 4});
  CHECK(std::vector<int>(pieces.values().begin(), pieces.values().end()) ==
        std::vector<int>{12, 13, 14, 15, 18, 19, 20, 21, 14, 15, 16, 17, 20, 21, 22, 23});
}

TEST_CASE("the folds of a single trial are stretches that hold a chop each") {
  CHECK(assign_bin_folds(8, 4, {2, 1}).fold == std::vector<std::uint32_t>{0, 0, 1, 1, 2, 2, 3, 3});
  CHECK(assign_bin_folds(7, 4, {2, 1}).fold == std::vector<std::uint32_t>{0, 0, 0, 1, 1, 2, 2});
  CHECK(assign_bin_folds(7, 4, {4, 1}).empty());
  CHECK(assign_bin_folds(7, 1, {2, 1}).empty());
  CHECK(assign_bin_folds(700, 4, {}).empty());
}

TEST_CASE("chops that train a fold share no bin with those held out, and together they cover all") {
  for (const std::size_t bins : {40u, 43u, 47u}) {
    for (const ChopSize size : {ChopSize{5, 2}, ChopSize{10, 4}, ChopSize{7, 0}}) {
      const Folds folds = assign_bin_folds(bins, 4, size);
      REQUIRE(folds.over == Folds::Over::bins);
      REQUIRE(folds.fold.back() == 3);
      for (std::uint32_t fold = 0; fold < 4; ++fold) {
        const FoldChops chops = chops_of_fold(folds, fold, size);
        std::set<std::size_t> train, held_out;
        CHECK(chops.train.bins == size.bins);
        CHECK(chops.held_out.bins == size.bins);
        for (const Chop& chop : chops.train.all)
          for (std::size_t bin = 0; bin < size.bins; ++bin) train.insert(chop.first_bin + bin);
        for (const Chop& chop : chops.held_out.all)
          for (std::size_t bin = 0; bin < size.bins; ++bin) held_out.insert(chop.first_bin + bin);
        CHECK(train.size() + held_out.size() == bins);
        for (const std::size_t bin : held_out) CHECK(folds.fold[bin] == fold);
        for (const std::size_t bin : train) CHECK(folds.fold[bin] != fold);
      }
    }
  }
}

TEST_CASE("lengths of chops are whole bins") {
  CHECK(chop_size(0, 200, 30).bins == 0);
  CHECK(chop_size(1000, 250, 25).bins == 40);
  CHECK(chop_size(1000, 250, 25).overlap == 10);
  expect_error(ErrorKind::config, {"chop.window_ms = 1010", "bin_ms = 25"}, [] { chop_size(1010, 250, 25); });
  expect_error(ErrorKind::config, {"chop.overlap_ms = 210", "bin_ms = 25"}, [] { chop_size(1000, 210, 25); });
  expect_error(ErrorKind::config, {"chop.overlap_ms = 1000", "less than chop.window_ms"},
               [] { chop_size(1000, 1000, 25); });
}
