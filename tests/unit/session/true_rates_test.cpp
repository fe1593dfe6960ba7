#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "session/recording.hpp"
#include "session_folder.hpp"

using namespace rnn_rates;
using namespace rnn_rates::session;
using namespace rnn_rates::test;

namespace {

/// A session of 2 + 1 trials, 2 units, 100 ms with `truth` beside its spikes.
std::optional<TrueRates> read(const std::optional<Array<float, 3>>& truth) {
  const TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "a.h5");
  write_spike_array(file, "dig_in_0", {2, 2, 100});
  write_spike_array(file, "dig_in_1", {1, 2, 100});
  if (truth) h5::write_array(file, "/truth/rate_hz", *truth, anything);
  file.close();
  return read_true_rates(*open_recording(folder.path(), {}));
}

void refused(const Array<float, 3>& truth, const std::vector<std::string>& words) {
  expect_error(ErrorKind::input, words, [&] { read(truth); });
}

}  // namespace

TEST_CASE("a recording has no true rates, a simulated session does") {
  CHECK_FALSE(read(std::nullopt).has_value());
  Array<float, 3> rates({3, 2, 4});
  std::iota(rates.values().begin(), rates.values().end(), 0.0f);
  const auto truth = read(rates);
  REQUIRE(truth.has_value());
  CHECK(truth->bin_ms == 25.0);
  CHECK(truth->rate_hz == rates);
}

TEST_CASE("true rates that do not fit the spikes are refused") {
  refused(Array<float, 3>({4, 2, 4}), {"a.h5:/truth/rate_hz", "4 x 2 x 4", "3 trials", "2 units", "100 ms"});
  refused(Array<float, 3>({3, 1, 4}), {"3 x 1 x 4", "2 units"});
  refused(Array<float, 3>({3, 2, 101}), {"3 x 2 x 101"});
  refused(Array<float, 3>({3, 2, 0}), {"3 x 2 x 0"});
  refused(Array<float, 3>({3, 2, 4}, -1.0f), {"a.h5:/truth/rate_hz", "rate -1"});
  refused(Array<float, 3>({3, 2, 4}, std::nanf("")), {"rate nan"});
}

TEST_CASE("shared simulated sessions open by file with their true rates") {
  const auto truth_file = test::shared_file("data/truth/taste_poisson.h5");
  if (!truth_file) return;
  const auto recording = open_recording(*truth_file, {});
  CHECK(recording->tastes().size() == 4);
  CHECK(recording->units() == 40);
  CHECK(recording->array_ms() == 3000);
  const auto truth = read_true_rates(*recording);
  REQUIRE(truth.has_value());
  CHECK(truth->bin_ms == 25.0);
  CHECK(truth->rate_hz.shape() == std::array<std::size_t, 3>{120, 40, 120});
}
