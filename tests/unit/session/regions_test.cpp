#include "session/regions.hpp"

#include <doctest/doctest.h>

#include "h5/strings.hpp"
#include "session_folder.hpp"

using namespace rnn_rates;
using namespace rnn_rates::session;
using namespace rnn_rates::test;

namespace {

const std::string layout =
    R"({"electrode_layout": {"gc": [[0, 1], [2]], "bla": [[5, 6]], "emg": [[3]], "none": [4]}})";

/// A session folder with one dig-in of `units` units, a table of them and an .info beside it.
struct Session {
  TemporaryFolder folder;

  Session(std::size_t units, const std::vector<DescriptorRow>& rows, bool numbered = true) {
    h5::File file = h5::File::create(folder / "a.h5");
    write_spike_array(file, "dig_in_0", {1, units, 2});
    write_unit_descriptor(file, rows, numbered);
    file.close();
    write_file(folder / "a.info", layout);
  }

  std::vector<std::string> regions(bool all = false) const {
    return open_recording(folder.path(), {.regions_all = all})->unit_regions();
  }

  void refused(const std::vector<std::string>& words) const {
    expect_error(ErrorKind::input, words, [&] { regions(); });
    CHECK(regions(true).front() == "all");
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("units take the region of their electrode") {
  const std::vector<DescriptorRow> rows = {{0, 5}, {1, 0}, {2, 2}, {3, 6}, {4, 5}};
  CHECK(Session(5, rows).regions() == Names{"bla", "gc", "gc", "bla", "bla"});
  CHECK(Session(5, rows).regions(true) == Names(5, "all"));
}

TEST_CASE("what cannot be part of a file's name is taken out of a region's, or refused") {
  const Session session(2, {{0, 0}, {1, 5}});
  write_file(session.folder / "a.info", R"({"electrode_layout": {"L2/3": [[0]], "a\nb\u0000": [[5]]}})");
  CHECK(session.regions() == Names{"L2_3", "a_b_"});
  CHECK(region_name("L2/3 (left)\n") == "L2_3__left__");
  write_file(session.folder / "a.info",
             fmt::format(R"({{"electrode_layout": {{"{}": [[0]], "bla": [[5]]}}}})", std::string(101, 'x')));
  session.refused({"xxx", "101 bytes", "at most 100"});
}

TEST_CASE("rows go by unit_number, gaps in it notwithstanding, else by their order") {
  CHECK(Session(3, {{7, 5}, {0, 0}, {2, 6}}).regions() == Names{"gc", "bla", "bla"});
  CHECK(Session(3, {{7, 5}, {0, 0}, {2, 6}}, false).regions() == Names{"bla", "gc", "bla"});
  Session(3, {{1, 5}, {0, 0}, {1, 6}}).refused({"a.h5:/unit_descriptor", "two rows", "unit_number 1"});
}

TEST_CASE("a unit on no region's electrode is refused by name") {
  Session(2, {{0, 0}, {1, 11}})
      .refused(
          {"a.h5:/unit_descriptor", "unit 1 is on electrode 11", "a.info does not list", "--regions all"});
  Session(2, {{0, 3}, {1, 0}}).refused({"unit 0 is on electrode 3", "under 'emg', which is no region"});
  Session(2, {{0, 0}, {1, 4}}).refused({"unit 1 is on electrode 4", "under 'none', which is no region"});
}

TEST_CASE("two regions stay two where their names differ only in what is replaced") {
  const TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "a.h5");
  write_spike_array(file, "dig_in_0", {1, 4, 2});
  h5::write_strings(file, "/spike_trains/unit_regions", Names{"L2/3", "L2_3", "L2 3", "L2/3"}, anything);
  file.close();
  const auto recording = open_recording(folder.path(), {});
  CHECK(recording->unit_regions() == Names{"L2_3_3", "L2_3", "L2_3_2", "L2_3_3"});
  const auto* names = std::get_if<Names>(&recording->facts().unit_columns.at("region"));
  REQUIRE(names != nullptr);
  CHECK(*names == Names{"L2/3", "L2_3", "L2 3", "L2/3"});
  const Session layout_of_two(2, {{0, 0}, {1, 5}});
  write_file(layout_of_two.folder / "a.info", R"({"electrode_layout": {"L2/3": [0], "L2_3": [5]}})");
  CHECK(layout_of_two.regions() == Names{"L2_3_2", "L2_3"});
}

TEST_CASE("a table that does not fit the units is refused") {
  Session(3, {{0, 0}, {1, 1}}).refused({"a.h5:/unit_descriptor", "2 rows, expected 3", "--regions all"});
  Session(1, {{0, 0}, {1, 1}}).refused({"2 rows, expected 1"});
}

TEST_CASE("without table or .info there is one region") {
  const Session session(2, {{0, 0}, {1, 5}});
  fs::remove(session.folder / "a.info");
  CHECK(session.regions() == Names{"all", "all"});
  const TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "a.h5");
  write_spike_array(file, "dig_in_0", {1, 2, 2});
  file.close();
  write_file(folder / "a.info", R"({"taste_params": {"tastes": ["nacl"]}})");
  CHECK(open_recording(folder.path(), {})->unit_regions() == Names{"all", "all"});
  CHECK(open_recording(folder.path(), {})->tastes()[0].name == "nacl");
}

TEST_CASE("a table without electrode_layout in the .info is refused") {
  const Session session(2, {{0, 0}, {1, 5}});
  write_file(session.folder / "a.info", "{}");
  session.refused({"a.info", "'electrode_layout'", "missing"});
}

TEST_CASE("the .info is the one named like the file, else like the folder, else the only one") {
  const Session session(1, {{0, 0}});
  const auto source = [&] { return open_recording(session.folder.path(), {})->sources().at(1); };
  const fs::path named_like_folder = session.folder / (session.folder.path().filename().string() + ".info");
  write_file(named_like_folder, layout);
  write_file(session.folder / "other.info", layout);
  CHECK(source() == session.folder / "a.info");
  fs::remove(session.folder / "a.info");
  CHECK(source() == named_like_folder);
  fs::remove(named_like_folder);
  CHECK(source() == session.folder / "other.info");
  write_file(session.folder / "third.info", layout);
  expect_error(ErrorKind::input,
               {session.folder.path().string(), "2 .info files", "a.info", "other.info, third.info"}, source);
}

TEST_CASE("a file named by itself does not take the .info of another recording beside it") {
  const Session session(1, {{0, 0}});
  fs::copy_file(session.folder / "a.h5", session.folder / "b.h5");
  CHECK(open_recording(session.folder / "b.h5", {})->unit_regions() == Names{"all"});
  CHECK(open_recording(session.folder / "a.h5", {})->unit_regions() == Names{"gc"});
  CHECK(open_recording(session.folder.path(), {.input = "b.h5"})->unit_regions() == Names{"gc"});
}
