#include <doctest/doctest.h>
#include <hdf5.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "h5/strings.hpp"
#include "session/trial_info.hpp"
#include "session_folder.hpp"

using namespace rnn_rates;
using namespace rnn_rates::session;
using namespace rnn_rates::test;

namespace {

/// A session with spike times alone: 30 samples a ms, 3 ms before and 4 ms after each stimulus.
struct Session {
  TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "a.h5");

  Session() {
    write_file(folder / "a.params", R"({"sampling_rate": 30000, "spike_array_durations": [3, 4]})");
    trials("dig_in_name_taste,taste,start_taste\ndig_in_0,nacl,1000\ndig_in_0,nacl,2000\n");
  }

  void trials(const std::string& table) const { write_file(folder / "trial_info_frame.csv", table); }

  std::unique_ptr<Recording> open() {
    h5::check(H5Fflush(file.id(), H5F_SCOPE_GLOBAL), "flush");
    return open_recording(folder.path(), {});
  }

  void refused(const std::vector<std::string>& words) {
    expect_error(ErrorKind::input, words, [&] { open(); });
  }
};

void csv_refused(const std::string& table, const std::vector<std::string>& words) {
  const TemporaryFolder folder;
  write_file(folder / "t.csv", table);
  expect_error(ErrorKind::input, words, [&] { read_trial_info(folder / "t.csv"); });
}

}  // namespace

TEST_CASE("spike times are cut and rounded as blech_make_arrays does") {
  Session session;
  // Trial at 1000: the array is samples 910 to 1120, its ms 3 takes all from 971 to 1029 (truncation).
  write_times<std::int64_t>(session.file, "unit000",
                            {909, 910, 970, 971, 999, 1000, 1029, 1030, 1119, 1120, 1121});
  write_times<double>(session.file, "unit001", {939.5, 940.0, 940.5, 5000.0});
  write_times<std::int32_t>(session.file, "unit002", {2089, 1910, 1000});
  write_times<std::uint64_t>(session.file, "unit003", {});
  const auto recording = session.open();
  CHECK(recording->kind() == "blech_clust");
  CHECK(recording->array_ms() == 7);
  CHECK(recording->units() == 4);
  REQUIRE(recording->tastes().size() == 1);
  CHECK(recording->tastes()[0].name == "nacl");
  CHECK(recording->tastes()[0].dig_in == "dig_in_0");
  CHECK(recording->tastes()[0].trials == 2);
  CHECK(recording->sources().size() == 3);
  CHECK(whole_trial(*recording, 0, 0) == std::vector<double>{1, 0, 1, 1, 1, 0, 1,  //
                                                             0, 1, 1, 0, 0, 0, 0,  //
                                                             0, 0, 0, 1, 0, 0, 0,  //
                                                             0, 0, 0, 0, 0, 0, 0});
  CHECK(whole_trial(*recording, 0, 1) == std::vector<double>{0, 0, 0, 0, 0, 0, 0,  //
                                                             0, 0, 0, 0, 0, 0, 0,  //
                                                             1, 0, 0, 0, 0, 1, 0,  //
                                                             0, 0, 0, 0, 0, 0, 0});
  std::vector<double> window(4 * 2, -1.0);
  recording->read_trial(0, 0, 2, 4, window);
  CHECK(window == std::vector<double>{1, 1, 1, 0, 0, 1, 0, 0});
}

TEST_CASE("long lists of spike times, in any order, are cut whole") {
  Session session;
  std::vector<std::int64_t> times;
  for (std::int64_t sample = 0; sample < 5000; ++sample) times.push_back((sample * 1237) % 5000);
  write_times(session.file, "unit000", times);
  const auto recording = session.open();
  CHECK(whole_trial(*recording, 0, 0) == std::vector<double>(7, 1.0));
  CHECK(whole_trial(*recording, 0, 1) == std::vector<double>(7, 1.0));
}

TEST_CASE("trials follow each other in time, dig-ins in byte order, tastes by the table or the .info") {
  Session session;
  write_times<std::int64_t>(session.file, "unit10", {300, 9000});
  write_times<std::int64_t>(session.file, "unit9", {600});
  session.trials(
      ",dig_in_name_taste,start_taste,end_taste,note\n"
      "0,dig_in_10,900.0,1000,\"a, b\"\n"
      "1,dig_in_9,300,400,\n"
      "2,dig_in_10,600,700,x\n"
      "3,dig_in_9,9001,9100,\n");
  write_file(session.folder / "a.info",
             R"({"taste_params": {"dig_in_nums": [10, 9], "tastes": ["nacl", "water"]}})");
  const auto recording = session.open();
  REQUIRE(recording->tastes().size() == 2);
  CHECK(recording->tastes()[1].dig_in == "dig_in_9");
  CHECK(recording->tastes()[1].name == "water");
  CHECK(recording->tastes()[1].trials == 1);  // the one after the last spike is left out
  CHECK(recording->tastes()[0].name == "nacl");
  REQUIRE(recording->tastes()[0].trials == 2);
  CHECK(whole_trial(*recording, 1, 0)[7 + 3] == 1.0);  // unit10 at 300 is the second unit
  CHECK(whole_trial(*recording, 0, 0)[3] == 1.0);      // unit9 at 600 in the earlier of the two trials
  CHECK(recording->sources().size() == 4);
}

TEST_CASE("spike times cut to the arrays that the session already has") {
  const auto sessions = recorded_sessions();
  if (!sessions) return;
  for (const std::string name : {"katz_gc", "locust"}) {
    const TemporaryFolder folder;
    fs::copy(*sessions / name, folder / name);
    {
      h5::File file = h5::File::open_edit(folder / name / (name + ".h5"));
      h5::remove(file, "/spike_trains");
      file.close();
    }
    const auto arrays = open_recording(*sessions / name, {});
    const auto times = open_recording(folder / name, {});
    CHECK(times->units() == arrays->units());
    CHECK(times->array_ms() == arrays->array_ms());
    CHECK(times->unit_regions() == arrays->unit_regions());
    REQUIRE(times->tastes().size() == arrays->tastes().size());
    for (std::size_t taste = 0; taste < arrays->tastes().size(); ++taste) {
      CHECK(times->tastes()[taste].name == arrays->tastes()[taste].name);
      CHECK(times->tastes()[taste].dig_in == arrays->tastes()[taste].dig_in);
      REQUIRE(times->tastes()[taste].trials == arrays->tastes()[taste].trials);
      for (std::size_t trial = 0; trial < arrays->tastes()[taste].trials; ++trial) {
        std::vector<double> expected = whole_trial(*arrays, taste, trial);
        for (double& count : expected) count = std::min(count, 1.0);  // spike times there are one for each ms
        REQUIRE(whole_trial(*times, taste, trial) == expected);
      }
    }
  }
}

TEST_CASE("what is needed to cut spike times is asked for by name") {
  Session session;
  session.refused({"neither /spike_trains nor /sorted_units"});
  h5::create_group(session.file, "/sorted_units");
  session.refused({"a.h5:/sorted_units", "no unit", "unit000"});
  write_times<std::int64_t>(session.file, "unit000", {900});
  session.refused({"trial_info_frame.csv", "2 of 2 trials lie outside", "0.03 to 0.03 s"});
  session.trials("dig_in_name_taste,start_taste\ndig_in_0,1000\ndig_in_1,890\ndig_in_1,895\n");
  session.refused({"trial_info_frame.csv", "all trials of dig_in_0", "after the last spike, sample 900"});
  session.trials("dig_in_name_taste,start_taste\ndig_in_0,1000\ndig_in_0,2000\n");
  write_times<std::int64_t>(session.file, "unit001", {3000});
  CHECK(session.open()->tastes()[0].trials == 2);
  fs::rename(session.folder / "trial_info_frame.csv", session.folder / "other.csv");
  session.refused({"a.h5", "/sorted_units but no /spike_trains", "trial_info_frame.csv"});
  fs::rename(session.folder / "other.csv", session.folder / "trial_info_frame.csv");
  write_file(session.folder / "a.params", R"({"sampling_rate": 30000, "spike_array_durations": [0, 0]})");
  session.refused({"a.params", "'spike_array_durations'", "[0, 0]"});
  fs::remove(session.folder / "a.params");
  session.refused({"a.h5", "a.params must lie beside it"});
}

TEST_CASE("units without usable times are refused by name") {
  Session session;
  write_times<std::int64_t>(session.file, "unit000", {1000, 3000});
  h5::create_group(session.file, "/sorted_units/unit001");
  session.refused({"/sorted_units/unit001/times", "no such dataset"});
  h5::remove(session.file, "/sorted_units/unit001");
  write_times<double>(session.file, "unit002", {1000.0, std::nan("")});
  session.refused({"/sorted_units/unit002/times", "nan"});
  h5::remove(session.file, "/sorted_units/unit002");
  h5::write_array(session.file, "/sorted_units/unit003/times", Array<double, 2>({2, 2}), anything);
  session.refused({"/sorted_units/unit003/times", "2 axes (2 x 2), expected 1"});
  h5::remove(session.file, "/sorted_units/unit003");
  h5::write_strings(session.file, "/sorted_units/unit004/times", std::vector<std::string>{"x"}, anything);
  session.refused({"/sorted_units/unit004/times", "no numbers"});
}

TEST_CASE("a trial table tells its rows, and what else it says of them") {
  const TemporaryFolder folder;
  write_file(folder / "t.csv",
             ",dig_in_name_taste,start_taste,side / where,note,laser\r\n"
             "0,dig_in_1,300,left,\"a, \"\"b\"\"\",True\r\n"
             "1,dig_in_0,200,right,,\r\n"
             "2,dig_in_1,100,left,c,False\r\n");
  const auto tastes = read_trial_info(folder / "t.csv");
  REQUIRE(tastes.size() == 2);
  CHECK(tastes[0].rows == std::vector<std::int64_t>{1});
  CHECK(tastes[1].rows == std::vector<std::int64_t>{2, 0});
  const Columns table = read_trial_table(folder / "t.csv");
  CHECK(table == Columns{{"dig_in_name_taste", std::vector<std::string>{"dig_in_1", "dig_in_0", "dig_in_1"}},
                         {"laser", std::vector<std::string>{"True", "", "False"}},
                         {"note", std::vector<std::string>{"a, \"b\"", "", "c"}},
                         {"side _ where", std::vector<std::string>{"left", "right", "left"}},
                         {"start_taste", std::vector<std::int64_t>{300, 200, 100}}});
}

TEST_CASE("a trial table that cannot be used is refused with column or line") {
  csv_refused("", {"t.csv", "Header missing"});
  csv_refused("taste,start_taste\nnacl,1\n", {"t.csv", "no column 'dig_in_name_taste'"});
  csv_refused("dig_in_name_taste,start\ndig_in_0,1\n", {"t.csv", "no column 'start_taste'"});
  csv_refused("dig_in_name_taste,start_taste\n", {"t.csv", "no trials"});
  csv_refused("dig_in_name_taste,start_taste\ndig_in_0,1\ndig_in_0,\n",
              {"t.csv line 3", "start_taste is ''"});
  csv_refused("dig_in_name_taste,start_taste\ndig_in_0,nan\n", {"t.csv line 2", "start_taste is 'nan'"});
  csv_refused("dig_in_name_taste,start_taste\ndig_in_0,12 s\n", {"t.csv line 2", "'12 s'", "samples"});
  csv_refused("dig_in_name_taste,start_taste\n,12\n", {"t.csv line 2", "dig_in_name_taste is empty"});
  csv_refused("dig_in_name_taste,start_taste\ndig_in_0\n", {"t.csv", "Too few columns"});
  expect_error(ErrorKind::input, {"nowhere.csv"}, [] { read_trial_info("nowhere.csv"); });
}
