#include "session/recording.hpp"

#include <doctest/doctest.h>
#include <hdf5.h>

#include <fstream>
#include <numeric>

#include "session_folder.hpp"

using namespace rnn_rates;
using namespace rnn_rates::session;
using namespace rnn_rates::test;

namespace {

std::vector<std::string> dig_ins(const Recording& recording) {
  std::vector<std::string> names;
  for (const Taste& taste : recording.tastes()) names.push_back(taste.dig_in);
  return names;
}

/// A session file with one dig-in of 2 trials, 3 units and 4 ms.
void write_small(const fs::path& path) {
  h5::File file = h5::File::create(path);
  write_spike_array(file, "dig_in_0", {2, 3, 4});
  file.close();
}

/// Opens a session that `fill` wrote and expects an input error with `words` in it.
template <class Fill>
void refused(const std::vector<std::string>& words, Fill fill) {
  const TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "bad.h5");
  fill(file);
  file.close();
  expect_error(ErrorKind::input, words, [&] { open_recording(folder.path(), {}); });
}

}  // namespace

TEST_CASE("spike arrays of any numeric type and layout read the same") {
  const TemporaryFolder folder;
  {
    h5::File file = h5::File::create(folder / "a.h5");
    Array<std::uint8_t, 3> spikes({3, 2, 10});
    std::iota(spikes.values().begin(), spikes.values().end(), std::uint8_t{0});
    const auto as = [&]<class T>(const std::string& dig_in, T) {
      Array<T, 3> converted({3, 2, 10});
      std::copy(spikes.values().begin(), spikes.values().end(), converted.values().begin());
      h5::write_array(file, "/spike_trains/" + dig_in + "/spike_array", converted, anything,
                      {.compress = true});
    };
    as("dig_in_0", std::uint8_t{});
    as("dig_in_1", std::int64_t{});
    as("dig_in_2", float{});
    const hsize_t sizes[] = {3, 2, 10};
    const std::vector<double> values(spikes.values().begin(), spikes.values().end());
    h5::create_group(file, "/spike_trains/dig_in_3");
    const h5::Handle space(H5Screate_simple(3, sizes, nullptr), "space");
    const h5::Handle contiguous(H5Dcreate2(file.id(), "/spike_trains/dig_in_3/spike_array", H5T_IEEE_F64BE,
                                           space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                                "big-endian contiguous");
    h5::check(H5Dwrite(contiguous.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
              "write");
  }
  const auto recording = open_recording(folder.path(), {});
  CHECK(recording->kind() == "blech_clust");
  CHECK(recording->units() == 2);
  CHECK(recording->array_ms() == 10);
  CHECK(recording->unit_regions() == std::vector<std::string>{"all", "all"});
  CHECK(recording->sources() == std::vector<fs::path>{folder / "a.h5"});
  REQUIRE(recording->tastes().size() == 4);
  for (std::size_t taste = 0; taste < 4; ++taste) {
    CHECK(recording->tastes()[taste].trials == 3);
    std::vector<double> spikes(2 * 3);
    recording->read_trial(taste, 2, 6, 9, spikes);
    CHECK(spikes == std::vector<double>{46, 47, 48, 56, 57, 58});
  }
}

TEST_CASE("dig-ins come in PyTables' order and may differ in their number of trials") {
  const TemporaryFolder folder;
  {
    h5::File file = h5::File::create(folder / "a.h5");
    write_spike_array(file, "dig_in_10", {5, 2, 4});
    write_spike_array(file, "dig_in_2", {1, 2, 4});
    write_spike_array(file, "dig_in_9", {3, 2, 4});
    h5::write_scalar(file, "/spike_trains/note", 1, anything);
  }
  const auto recording = open_recording(folder.path(), {});
  CHECK(dig_ins(*recording) == std::vector<std::string>{"dig_in_10", "dig_in_2", "dig_in_9"});
  CHECK(recording->tastes()[0].trials == 5);
  CHECK(recording->tastes()[1].trials == 1);
  CHECK(recording->tastes()[2].trials == 3);
  CHECK(recording->tastes()[0].name == "dig_in_10");
}

TEST_CASE("other conditions come in natural order") {
  const TemporaryFolder folder;
  {
    h5::File file = h5::File::create(folder / "a.h5");
    for (const char* name : {"odour_10", "odour_2", "odour_9"}) write_spike_array(file, name, {1, 2, 4});
  }
  CHECK(dig_ins(*open_recording(folder.path(), {})) ==
        std::vector<std::string>{"odour_2", "odour_9", "odour_10"});
}

TEST_CASE("asking for a trial or a window that is not there is a bug") {
  const TemporaryFolder folder;
  write_small(folder / "a.h5");
  const auto recording = open_recording(folder.path(), {});
  std::vector<double> spikes(3 * 4);
  const auto read = [&](std::size_t taste, std::size_t trial, std::size_t first, std::size_t last) {
    expect_error(ErrorKind::bug, {"a.h5"}, [&] { recording->read_trial(taste, trial, first, last, spikes); });
  };
  read(1, 0, 0, 4);
  read(0, 2, 0, 4);
  read(0, 0, 1, 5);
  read(0, 0, 4, 0);
  read(0, 0, 0, 3);
}

TEST_CASE("a session is a folder with one visible .h5, or that file") {
  const TemporaryFolder folder;
  write_small(folder / "b.h5");
  std::ofstream(folder / ".b.h5.host.123.tmp") << "leftover";
  std::ofstream(folder / "._b.h5") << "of another system";
  std::ofstream(folder / "b.csv") << "not this";
  CHECK(session_file(folder.path(), "") == folder / "b.h5");
  CHECK(session_file(folder / "b.h5", "") == folder / "b.h5");
  CHECK(session_file(folder / "b.h5", "b.h5") == folder / "b.h5");
  expect_error(ErrorKind::input, {"b.h5", "--input", "c.h5"}, [&] { session_file(folder / "b.h5", "c.h5"); });
  CHECK(open_recording(folder / "b.h5", {})->units() == 3);
}

TEST_CASE("among several .h5 the input option chooses, by name or by path") {
  const TemporaryFolder folder;
  write_small(folder / "b.h5");
  write_small(folder / "a_repacked.h5");
  expect_error(ErrorKind::input,
               {folder.path().string(), "2 .h5 files", "a_repacked.h5, b.h5", "--input FILE"},
               [&] { session_file(folder.path(), ""); });
  CHECK(session_file(folder.path(), "b.h5") == folder / "b.h5");
  CHECK(session_file(folder.path(), (folder / "a_repacked.h5").string()) == folder / "a_repacked.h5");
  expect_error(ErrorKind::input, {"no file 'c.h5'", "a_repacked.h5, b.h5"},
               [&] { session_file(folder.path(), "c.h5"); });
}

TEST_CASE("a place without a session is refused with what was looked for") {
  const TemporaryFolder folder;
  expect_error(ErrorKind::input, {folder.path().string(), "no .h5 file", "blech_clust"},
               [&] { open_recording(folder.path(), {}); });
  expect_error(ErrorKind::input, {"nowhere", "no such session", "folder or an .h5 file"},
               [&] { open_recording(folder / "nowhere", {}); });
  std::ofstream(folder / "text.h5") << "hello";
  expect_error(ErrorKind::input, {"text.h5", "HDF5"}, [&] { open_recording(folder.path(), {}); });
}

TEST_CASE("a file without spikes is refused with what it holds") {
  refused({"bad.h5", "neither /spike_trains nor /sorted_units", "it holds: digital_in, raw"},
          [](h5::File& file) {
            h5::create_group(file, "/raw");
            h5::create_group(file, "/digital_in");
          });
  refused({"bad.h5:/spike_trains", "no dig-in", "dig_in_0"},
          [](h5::File& file) { h5::create_group(file, "/spike_trains"); });
  refused({"bad.h5:/spike_trains/dig_in_1", "no spike_array", "it holds: laser_durations"},
          [](h5::File& file) {
            write_spike_array(file, "dig_in_0", {2, 3, 4});
            h5::write_scalar(file, "/spike_trains/dig_in_1/laser_durations", 1, anything);
          });
}

TEST_CASE("spike arrays of a wrong shape or type are refused") {
  refused({"dig_in_0/spike_array", "2 axes (3 x 4)", "expected 3: trial, unit, ms"}, [](h5::File& file) {
    h5::write_array(file, "/spike_trains/dig_in_0/spike_array", Array<double, 2>({3, 4}), anything);
  });
  refused({"dig_in_0/spike_array", "no numbers", "float64"}, [](h5::File& file) {
    const std::array<std::size_t, 3> shape{1, 1, 1};
    h5::detail::write(file, "/spike_trains/dig_in_0/spike_array", H5T_C_S1, shape, "x", anything, {});
  });
  const auto empty = [](const std::array<std::size_t, 3>& shape, const std::string& axis) {
    refused({"dig_in_0/spike_array", "with no " + axis},
            [&](h5::File& file) { write_spike_array(file, "dig_in_0", shape); });
  };
  empty({0, 3, 4}, "trial");
  empty({2, 0, 4}, "unit");
  empty({2, 3, 0}, "ms");
}

TEST_CASE("tastes that differ in units or length are refused") {
  refused({"dig_in_2/spike_array", "3 units and 4 ms", "expected 4 units and 4 ms", "dig_in_10/spike_array"},
          [](h5::File& file) {
            write_spike_array(file, "dig_in_2", {2, 3, 4});
            write_spike_array(file, "dig_in_10", {2, 4, 4});
          });
  refused({"dig_in_1/spike_array", "3 units and 5 ms", "expected 3 units and 4 ms"}, [](h5::File& file) {
    write_spike_array(file, "dig_in_0", {2, 3, 4});
    write_spike_array(file, "dig_in_1", {2, 3, 5});
  });
}

TEST_CASE("a damaged array is reported when it is read") {
  const TemporaryFolder folder;
  write_small(folder / "a.h5");
  {
    std::fstream stream(folder / "a.h5", std::ios::in | std::ios::out | std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    const double one = 1.0;
    const std::string row(reinterpret_cast<const char*>(&one), sizeof one);
    const std::size_t at = bytes.find(row + row + row);
    REQUIRE(at != std::string::npos);
    stream.seekp(static_cast<std::streamoff>(at));
    stream.put('\x01');
  }
  const auto recording = open_recording(folder.path(), {});
  expect_error(ErrorKind::input, {"dig_in_0/spike_array", "damaged"}, [&] { whole_trial(*recording, 0, 0); });
}

TEST_CASE("recorded sessions open with their tastes and regions") {
  const auto sessions = recorded_sessions();
  if (!sessions) return;
  const auto gustatory = open_recording(*sessions / "katz_gc", {});
  CHECK(gustatory->units() == 29);
  CHECK(gustatory->array_ms() == 7000);
  REQUIRE(gustatory->tastes().size() == 1);
  CHECK(gustatory->tastes()[0].name == "taste");
  CHECK(gustatory->tastes()[0].trials == 30);
  CHECK(gustatory->unit_regions() == std::vector<std::string>(29, "gc"));
  CHECK(gustatory->sources().size() == 4);  // with the table of trials and what cuts them

  const auto locust = open_recording(*sessions / "locust", {});
  std::vector<std::string> names;
  std::vector<std::size_t> trials;
  for (const Taste& taste : locust->tastes()) {
    names.push_back(taste.name);
    trials.push_back(taste.trials);
  }
  CHECK(names == std::vector<std::string>{"citral", "vanilla", "octanol", "mint"});
  CHECK(trials == std::vector<std::size_t>{25, 25, 22, 25});
  std::vector<std::string> regions(6, "al0");
  regions.insert(regions.end(), 4, "al1");
  CHECK(locust->unit_regions() == regions);
  CHECK(open_recording(*sessions / "locust", {.regions_all = true})->unit_regions() ==
        std::vector<std::string>(10, "all"));
}
