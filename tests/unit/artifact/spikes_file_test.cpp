#include "artifact/spikes_file.hpp"

#include <doctest/doctest.h>

#include <string>

#include "artifact/bins_file.hpp"
#include "h5/dataset.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
using artifact::WindowSpikes;

namespace {

using Ms = std::vector<std::uint32_t>;

/// 1 and 2 trials of 2 units in 3 bins of 40 s.
artifact::SessionBins example() {
  artifact::SessionBins bins;
  bins.bin_edges_ms = {0, 40000, 80000, 120000};
  bins.unit_regions = {"GC", "BLA"};
  bins.counts = {Array<std::uint16_t, 3>({1, 2, 3}, {1, 2, 0, 0, 0, 0}),
                 Array<std::uint16_t, 3>({2, 2, 3}, {1, 0, 0, 2, 0, 1, 0, 0, 0, 1, 0, 0})};
  return bins;
}
const Ms ms_in_bin{3, 0, 30000, 39999, 5, 5, 7, 8};

Ms of(const WindowSpikes& spikes, std::size_t trial, std::size_t unit) {
  const auto found = spikes.of(trial, unit);
  return {found.begin(), found.end()};
}

}  // namespace

TEST_CASE("spikes come back by trial and unit, and seeds do not depend on them") {
  const test::TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "bins.h5");
  h5::write_scalar(file, "/stim_ms", 2000.0, {"stimulus", "", "ms"});
  CHECK_FALSE(artifact::read_spikes(file, example()));
  const std::string digest = artifact::digest_of_counts(file);
  artifact::write_spikes(file, ms_in_bin);
  CHECK(artifact::digest_of_counts(file) == digest);
  const auto spikes = artifact::read_spikes(file, example());
  REQUIRE(spikes);
  CHECK(spikes->trials() == 3);
  CHECK(of(*spikes, 0, 0) == Ms{3, 40000, 70000});
  CHECK(of(*spikes, 0, 1).empty());
  CHECK(of(*spikes, 1, 0) == Ms{39999});
  CHECK(of(*spikes, 1, 1) == Ms{5, 5, 80007});
  CHECK(of(*spikes, 2, 0).empty());
  CHECK(of(*spikes, 2, 1) == Ms{8});
}

TEST_CASE("bins that were not observed have counts and no spikes") {
  const test::TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "bins.h5");
  artifact::SessionBins bins = example();
  bins.observed = {Array<std::uint8_t, 3>({1, 2, 3}, {1, 0, 1, 1, 1, 1}),
                   Array<std::uint8_t, 3>({2, 2, 3}, {1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1})};
  artifact::write_spikes(file, Ms{3, 39999, 7, 8});
  const auto spikes = artifact::read_spikes(file, bins);
  REQUIRE(spikes);
  CHECK(of(*spikes, 0, 0) == Ms{3});
  CHECK(of(*spikes, 1, 0) == Ms{39999});
  CHECK(of(*spikes, 1, 1) == Ms{80007});
  CHECK(of(*spikes, 2, 1) == Ms{8});
}

TEST_CASE("spikes that are more or fewer than were counted are refused") {
  const test::TemporaryFolder folder;
  for (const std::size_t spikes : {std::size_t{7}, std::size_t{9}}) {
    h5::File file = h5::File::create(folder / "bins.h5");
    Ms ms = ms_in_bin;
    ms.resize(spikes);
    artifact::write_spikes(file, ms);
    test::expect_error(
        ErrorKind::input,
        {"/spikes/ms_in_bin", std::to_string(spikes) + " spikes, expected 8", "extract_bins --force"},
        [&] { artifact::read_spikes(file, example()); });
  }
}
