#include "artifact/pca_file.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;

TEST_CASE("a bin has a score on each component, or, where no unit was observed, on none") {
  const test::TemporaryFolder folder;
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  inference::ReducedFit fit{.region = "all", .taste = "all"};
  fit.units = {0, 1};
  fit.trial_taste = {0};
  fit.mean = {1, 1};
  fit.scale = {1, 1};
  fit.basis = Array<double, 2>({2, 2});
  fit.explained_variance_ratio = {0.6, 0.4};
  const auto read = [&](const std::vector<float>& scores) {
    fit.scores = Array<float, 3>({1, 3, 2}, scores);
    h5::File file = h5::File::create(folder / "pca.h5");
    artifact::write_pca(file, {.bin_edges_ms = {0, 25, 50, 75}, .stim_ms = 25, .fits = {fit}});
    return artifact::read_pca(file).fits.front().scores;
  };
  CHECK(std::isnan(read({1, 2, nan, nan, 3, 4})(0, 1, 0)));
  test::expect_error(ErrorKind::input, {"/scores", "1 of the 2 scores of a bin are NaN"}, [&] {
    read({1, 2, 3, nan, 3, 4});
  });
}
