#include "nwb/recording.hpp"

#include <doctest/doctest.h>

#include "nwb_file.hpp"
#include "support/expect_error.hpp"

using namespace rnn_rates;
using namespace rnn_rates::nwb;
using namespace rnn_rates::test;

TEST_CASE("spike times are one dataset, of which each unit has a part") {
  TestFile nwb;
  expect_error(ErrorKind::input, {"no table /units"}, [&] { find_spike_times(nwb.file, "/units"); });
  nwb.units();
  const SpikeTimes spikes = find_spike_times(nwb.file, "/units");
  CHECK(spikes.starts == std::vector<std::size_t>{0, 2, 2, 3});
  CHECK(spikes.times_s->shape()[0] == 3);
}

TEST_CASE("where there is no such table of units, those that there are are listed") {
  TestFile nwb;
  nwb.numbers("/processing/ecephys/curated/spike_times", {0.5});
  nwb.numbers("/processing/ecephys/curated/spike_times_index", {1});
  expect_error(ErrorKind::input, {"no table /units", "--units", "/processing/ecephys/curated"},
               [&] { find_spike_times(nwb.file, "/units"); });
  CHECK(find_spike_times(nwb.file, "/processing/ecephys/curated").starts.size() == 2);
}

TEST_CASE("a table whose index does not rise or leads out of its column is refused") {
  TestFile nwb;
  nwb.numbers("/units/spike_times", {0.5, 1.5, 7});
  h5::write_vector<std::uint8_t>(nwb.file, "/units/spike_times_index", {{2, 1}}, anything);
  expect_error(ErrorKind::input, {"holds 1 after 2"}, [&] { find_spike_times(nwb.file, "/units"); });
  nwb.numbers("/other/a", {1});
  h5::write_vector<std::uint8_t>(nwb.file, "/other/a_index", {{2}}, anything);
  expect_error(ErrorKind::input, {"holds 2 after 0"}, [&] { Table(nwb.file, "/other").row_starts("a"); });
}

TEST_CASE("trials have times and conditions, chosen or of the usual names") {
  TestFile nwb;
  nwb.numbers("/intervals/trials/start_time", {1, 2, 3});
  nwb.numbers("/intervals/trials/cue", {1.5, 2.5, 3.5});
  CHECK(read_trials(nwb.file, {.condition = "none"}).conditions == std::vector<std::string>(3, "all"));
  expect_error(ErrorKind::input, {"which column", "2 to 50 different values: cue"},
               [&] { read_trials(nwb.file, {}); });
  nwb.texts("/intervals/trials/taste", {"water", "sucrose", "water"});
  const Trials trials = read_trials(nwb.file, {.align_to = "cue"});
  CHECK(trials.times_s == std::vector<double>{1.5, 2.5, 3.5});
  CHECK(trials.conditions == std::vector<std::string>{"water", "sucrose", "water"});
  CHECK(trials.dig_ins == trials.conditions);
  nwb.texts("/intervals/trials/dig_in_name_taste", {"dig_in_1", "dig_in_0", "dig_in_1"});
  CHECK(read_trials(nwb.file, {}).dig_ins.front() == "dig_in_1");
  CHECK(read_trials(nwb.file, {.condition = "cue"}).dig_ins.front() == "1.5");
  expect_error(ErrorKind::input, {"/intervals/blocks", "trials", "--trials"},
               [&] { read_trials(nwb.file, {.table = "blocks"}); });
  expect_error(ErrorKind::input, {"no column 'odor'", "cue, dig_in_name_taste"},
               [&] { read_trials(nwb.file, {.condition = "odor"}); });
  nwb.texts("/intervals/trials/short", {"a"});
  expect_error(ErrorKind::input, {"columns of 3, 1 and 1 rows"},
               [&] { read_trials(nwb.file, {.condition = "short"}); });
}

TEST_CASE("the laser is told by durations, else by whether it was on") {
  TestFile nwb;
  nwb.numbers("/intervals/trials/start_time", {1, 2});
  const auto read = [&] { return read_laser(read_trials(nwb.file, {.condition = "none"})); };
  CHECK(read().on.empty());
  nwb.numbers("/intervals/trials/laser", {0, 1});
  CHECK(read().on == std::vector<bool>{false, true});
  nwb.numbers("/intervals/trials/laser_duration_ms", {0, 500});
  CHECK(read().on.empty());
  CHECK(read().durations_ms == std::vector<double>{0, 500});
  CHECK(read().lags_ms == std::vector<double>{0, 0});
}

TEST_CASE("a table's numbers and short texts are kept, the rest is left out") {
  TestFile nwb;
  nwb.numbers("/intervals/trials/start_time", {1, 2});
  nwb.texts("/intervals/trials/side", {"left", ""});
  nwb.texts("/intervals/trials/story", {std::string(200, 'x'), ""});
  nwb.ends("/intervals/trials/licks", {3, 200});
  nwb.texts("/intervals/trials/tags", {"a", "b", "c"});
  nwb.ends("/intervals/trials/tags_index", {2, 3});
  nwb.numbers("/intervals/trials/too_short", {1});
  h5::write_array(nwb.file, "/intervals/trials/places", Array<double, 2>({2, 2}), anything);
  nwb.ends("/intervals/trials/id", {0, 1});
  const auto columns = [&] { return read_short_columns(read_trials(nwb.file, {.condition = "none"})); };
  const Columns found = columns();
  CHECK(found == Columns{{"licks", std::vector<std::int64_t>{3, 200}},
                         {"side", std::vector<std::string>{"left", ""}},
                         {"start_time", std::vector<double>{1, 2}},
                         {"tags", std::vector<std::string>{"a+b", "c"}}});
  h5::remove(nwb.file, "/intervals/trials/id");
  nwb.ends("/intervals/trials/id", {7, 9});
  CHECK(columns().at("id") == Column(std::vector<std::int64_t>{7, 9}));
}
