#include "nwb/regions.hpp"

#include <doctest/doctest.h>
#include <hdf5.h>

#include <limits>

#include "h5/attribute.hpp"
#include "nwb_file.hpp"
#include "support/expect_error.hpp"

using namespace rnn_rates;
using namespace rnn_rates::nwb;
using namespace rnn_rates::test;

namespace {

using Texts = std::vector<std::string>;
const std::string electrodes = "/general/extracellular_ephys/electrodes";

struct Units : TestFile {
  std::vector<std::string> notes;

  Units() { units(); }
  /// Of the three units.
  Texts locations(std::size_t units = 3) {
    notes.clear();
    return read_locations(file, "/units", units, notes);
  }
};

}  // namespace

TEST_CASE("a unit lies where its first electrode does, which is said where that is a guess") {
  Units nwb;
  nwb.texts(electrodes + "/location", {"GC", "BLA"});
  nwb.numbers("/units/electrodes", {1, 0, 0});
  nwb.ends("/units/electrodes_index", {2, 2, 3});
  CHECK(nwb.locations() == Texts{"BLA", "", "GC"});
  REQUIRE(nwb.notes.size() == 1);
  CHECK(nwb.notes[0].find("1 of 3 units lie in several regions") != std::string::npos);
}

TEST_CASE("locations come from a column where there are no electrodes, and may be missing") {
  Units nwb;
  CHECK(nwb.locations().empty());
  nwb.texts("/units/brain_area", {"GC", "GC", "BLA"});
  CHECK(nwb.locations() == Texts{"GC", "GC", "BLA"});
  expect_error(ErrorKind::input, {"3 units, expected 4"}, [&] { nwb.locations(4); });
}

TEST_CASE("a column tells the main of several electrodes, by row, id or name of the channel") {
  Units nwb;
  nwb.texts(electrodes + "/location", {"GC", "GC", "BLA", "BLA"});
  nwb.numbers(electrodes + "/id", {10, 12, 14, 16});
  nwb.texts(electrodes + "/channel_name", {"AP3", "AP2", "AP1", "AP0"});
  nwb.numbers("/units/electrodes", {0, 1, 2, 3, 0, 1, 2, 3});
  nwb.ends("/units/electrodes_index", {4, 4, 8});
  const auto with = [&](const std::string& column, const auto& values) {
    if constexpr (std::is_same_v<std::decay_t<decltype(values)>, Texts>) {
      nwb.texts("/units/" + column, values);
    } else {
      nwb.numbers("/units/" + column, values);
    }
    Texts found = nwb.locations();
    CHECK(nwb.notes.empty());
    h5::remove(nwb.file, "/units/" + column);
    return found;
  };
  const Texts expected = {"BLA", "GC", "GC"};
  CHECK(with("main_channel_id", Texts{"AP1", "AP3", "AP2"}) == expected);
  CHECK(with("peak_channel_id", std::vector<double>{14, 10, 12}) == expected);
  CHECK(with("peak_channel_id", Texts{"14.0", "10.0", "12.0"}) == expected);
  CHECK(with("max_electrode_index", std::vector<double>{2, 0, 1}) == expected);
  CHECK(with("ch", Texts{"AP1", "AP3", "AP2"}) == expected);
  nwb.numbers("/units/max_electrode", {2, 0, 1});
  h5::write_attribute(nwb.file, "/units/max_electrode", "table", std::string("electrodes"));
  CHECK(nwb.locations() == expected);
}

TEST_CASE("a channel of that name on each probe is the one that the unit lists") {
  Units nwb;
  nwb.texts(electrodes + "/location", {"GC", "BLA"});
  nwb.texts(electrodes + "/channel_name", {"AP0", "AP0"});
  nwb.numbers("/units/electrodes", {1, 0, 1});
  nwb.texts("/units/main_channel_id", {"AP0", "AP0", "AP0"});
  CHECK(nwb.locations() == Texts{"BLA", "GC", "BLA"});
}

TEST_CASE("units with a peak channel alone are joined with the ids of electrodes") {
  Units nwb;
  nwb.texts(electrodes + "/location", {"VISp", "CA1"});
  nwb.numbers(electrodes + "/id", {850126378, 850126380});
  nwb.numbers("/units/peak_channel_id", {850126380, 850126378, 850126380});
  CHECK(nwb.locations() == Texts{"CA1", "VISp", "CA1"});
  h5::remove(nwb.file, "/units/peak_channel_id");
  nwb.numbers("/units/peak_channel_id", {1, 2, 3});
  CHECK(nwb.locations().empty());
  REQUIRE(nwb.notes.size() == 1);
  CHECK(nwb.notes[0].find("'peak_channel_id' does not fit") != std::string::npos);
  h5::remove(nwb.file, "/units/peak_channel_id");
  nwb.numbers("/units/peak_channel_id", {1, 0, 1});
  CHECK(nwb.locations() == Texts{"CA1", "VISp", "CA1"});
  REQUIRE(nwb.notes.size() == 1);
  CHECK(nwb.notes[0].find("'peak_channel_id' are no ids or names") != std::string::npos);
}

TEST_CASE("electrodes of an unknown location lie where their group does") {
  Units nwb;
  nwb.texts(electrodes + "/location", {"unknown", "unknown"});
  nwb.texts(electrodes + "/group_name", {"probeA", "probeB"});
  for (const auto& [group, location] : {std::pair{"probeA", "GC"}, {"probeB", "BLA"}}) {
    const std::string path = std::string("/general/extracellular_ephys/") + group;
    h5::create_group(nwb.file, path);
    h5::write_attribute(nwb.file, path, "location", std::string(location));
  }
  nwb.numbers("/units/electrodes", {1, 0, 1});
  CHECK(nwb.locations() == Texts{"BLA", "GC", "BLA"});
}

TEST_CASE("the main of several electrodes is the one on which the mean waveform is largest") {
  Units nwb;
  nwb.texts(electrodes + "/location", {"GC", "GC", "BLA", "BLA"});
  nwb.numbers("/units/electrodes", {3, 1, 2, 0, 0, 1});
  nwb.ends("/units/electrodes_index", {2, 4, 6});
  // (unit, sample, channel): the second channel by its trough, the first one, none.
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Array<double, 3> waveforms({3, 2, 2});
  const std::vector<double> values = {1, -5, -1, nan, 2, 0, -1, 1, 0, 0, 0, 0};
  std::copy(values.begin(), values.end(), waveforms.data());
  CHECK(nwb.locations() == Texts{"BLA", "BLA", "GC"});
  REQUIRE(nwb.notes.size() == 1);
  CHECK(nwb.notes[0].find("2 of 3 units lie in several regions") != std::string::npos);
  waveforms(0, 1, 1) = 1;
  h5::write_array(nwb.file, "/units/waveform_mean", waveforms, anything);
  CHECK(nwb.locations() == Texts{"GC", "BLA", "GC"});
  CHECK(nwb.notes.empty());
  h5::remove(nwb.file, "/units/waveform_mean");
  Array<float, 3> of_all({3, 1, 4});  // whose channels are the rows of electrodes
  nwb.notes.clear();
  h5::write_array(nwb.file, "/units/waveform_mean", of_all, anything);
  CHECK(nwb.locations() == Texts{"BLA", "BLA", "GC"});  // a flat one tells nothing
  CHECK(nwb.notes.size() == 1);
}

TEST_CASE("units without electrodes lie where the group does that their column electrode_group refers to") {
  Units nwb;
  const std::string groups = "/general/extracellular_ephys/";
  for (const auto& [group, location] : {std::pair{"probeA", "GC"}, {"probeB", "BLA"}}) {
    h5::create_group(nwb.file, groups + group);
    h5::write_attribute(nwb.file, groups + group, "location", std::string(location));
  }
  std::vector<hobj_ref_t> references(3);
  for (std::size_t unit = 0; unit < 3; ++unit)
    H5Rcreate(&references[unit], nwb.file.id(), (groups + (unit == 1 ? "probeB" : "probeA")).c_str(),
              H5R_OBJECT, -1);
  const hsize_t count = 3;
  const h5::Handle space(H5Screate_simple(1, &count, nullptr), "space");
  const h5::Handle column(H5Dcreate2(nwb.file.id(), "/units/electrode_group", H5T_STD_REF_OBJ, space.get(),
                                     H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                          "column");
  H5Dwrite(column.get(), H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, references.data());
  CHECK(nwb.locations() == Texts{"GC", "BLA", "GC"});
}
