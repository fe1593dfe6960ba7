#include "artifact/spikes_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "artifact/bins_file.hpp"
#include "h5/dataset.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
using artifact::WindowSpikes;

namespace {

using Ms = std::vector<std::uint32_t>;

/// 2 trials of 2 units; the second unit is silent in the first trial.
WindowSpikes example() { return {.units = 2, .ms = {3, 70000, 0, 5, 5}, .ends = {2, 2, 3, 5}}; }

Ms of(const WindowSpikes& spikes, std::size_t trial, std::size_t unit) {
  const auto found = spikes.of(trial, unit);
  return {found.begin(), found.end()};
}

}  // namespace

TEST_CASE("spikes come back by trial and unit, and seeds do not depend on them") {
  const test::TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "bins.h5");
  h5::write_scalar(file, "/stim_ms", 2000.0, {"stimulus", "", "ms"});
  CHECK_FALSE(artifact::read_spikes(file));
  const std::string digest = artifact::digest_of_counts(file);
  artifact::write_spikes(file, example());
  CHECK(artifact::digest_of_counts(file) == digest);
  const auto spikes = artifact::read_spikes(file);
  REQUIRE(spikes);
  CHECK(spikes->trials() == 2);
  CHECK(of(*spikes, 0, 0) == Ms{3, 70000});
  CHECK(of(*spikes, 0, 1).empty());
  CHECK(of(*spikes, 1, 0) == Ms{0});
  CHECK(of(*spikes, 1, 1) == Ms{5, 5});
}

TEST_CASE("spikes whose ends do not fit are refused") {
  const test::TemporaryFolder folder;
  for (const std::vector<std::uint64_t>& ends : {std::vector<std::uint64_t>{2, 2, 3, 6}, {2, 1, 3, 5}, {}}) {
    h5::File file = h5::File::create(folder / "bins.h5");
    WindowSpikes spikes = example();
    spikes.ends = ends;
    artifact::write_spikes(file, spikes);
    test::expect_error(ErrorKind::input, {"/spikes/ends", "rising ends up to 5", "extract_bins --force"},
                       [&] { artifact::read_spikes(file); });
  }
}
