#include "infer_write/broadcast_rates.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "core/error.hpp"
#include "core/failure.hpp"
#include "ranks.hpp"

using namespace rnn_rates;
using test::world;

namespace {

/// Something in fields of each type; one unit and two trials in `bins` bins.
artifact::FitRates rates_of(std::size_t bins) {
  artifact::FitRates rates{.name = "region_all_taste_0"};
  rates.pred_firing = Array<double, 3>({2, 1, bins}, 0.5);
  rates.latent_out = Array<float, 3>({4, 2, 3}, 1.5F);
  rates.pred_x = {0, 25};
  rates.units = {7};
  rates.factor_loadings = Array<float, 2>({3, 1}, 2.5F);
  rates.combined_methods = {"rnn", "", "trial_average"};
  rates.combination_weights = {0.25, 0, 0.75};
  rates.combination_shift = -1;
  return rates;
}

artifact::ScoreTable table_of() {
  return {
      .fit = "region_all_taste_0",
      .methods = {{"rnn", 0.5, 0.25, {1, 2}}, {"boxcar", 0.125, 0, {}, Array<float, 3>({2, 1, 4}, 3.5F)}}};
}

/// Keeps this process from getting much more memory than it has, while it lives.
class MemoryLimit {
 public:
  explicit MemoryLimit(rlim_t more_bytes) {
    getrlimit(RLIMIT_AS, &before_);
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const auto page_bytes = static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
    rlimit now = before_;
    now.rlim_cur = std::min(now.rlim_cur, pages * page_bytes + more_bytes);
    setrlimit(RLIMIT_AS, &now);
  }
  ~MemoryLimit() { setrlimit(RLIMIT_AS, &before_); }
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("every rank gets the rates and the table that one rank has, in place of its own") {
  const int owner = world().size() - 1;
  artifact::FitRates rates = world().rank() == owner ? rates_of(5) : artifact::FitRates();
  artifact::ScoreTable table;
  if (world().rank() == owner) {
    table = table_of();
  } else {
    rates.units = {1, 2, 3};
    table.methods.resize(5);
  }
  infer_write::broadcast(rates, owner, world());
  infer_write::broadcast(table, owner, world());
  const artifact::FitRates expected = rates_of(5);
  CHECK(rates.name == expected.name);
  CHECK(rates.pred_firing == expected.pred_firing);
  CHECK(rates.latent_out == expected.latent_out);
  CHECK(rates.pred_x == expected.pred_x);
  CHECK(rates.units == expected.units);
  CHECK(rates.rate_hz.size() == 0);
  CHECK(rates.factor_loadings == expected.factor_loadings);
  CHECK(rates.combined_methods == expected.combined_methods);
  CHECK(rates.combination_weights == expected.combination_weights);
  CHECK(rates.combination_shift == expected.combination_shift);
  CHECK(table.fit == table_of().fit);
  REQUIRE(table.methods.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const artifact::MethodScore &found = table.methods[i], there = table_of().methods[i];
    CHECK(found.name == there.name);
    CHECK(found.bits_per_spike == there.bits_per_spike);
    CHECK(found.co_bits_per_spike == there.co_bits_per_spike);
    CHECK(found.per_unit == there.per_unit);
    CHECK(found.rate_hz == there.rate_hz);
  }
}

TEST_CASE("memory for the rates that one rank does not get ends the work of all") {
  constexpr std::size_t bins = 4 << 20;
  artifact::FitRates rates;
  if (world().rank() == 0) rates = rates_of(bins);
  ErrorKind kind{};
  {
    const MemoryLimit limit(world().rank() == world().size() - 1 ? 16 << 20 : RLIM_INFINITY / 2);
    try {
      infer_write::broadcast(rates, 0, world());
    } catch (const std::exception& thrown) {
      kind = failure_of(thrown, "").kind();
    }
  }
  CHECK(kind == ErrorKind::runtime);
  // The ranks can go on together.
  CHECK(world().max(world().rank()) == world().size() - 1);
}
