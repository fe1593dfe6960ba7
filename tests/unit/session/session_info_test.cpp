#include "session/session_info.hpp"

#include <doctest/doctest.h>

#include "session_folder.hpp"

using namespace rnn_rates;
using namespace rnn_rates::session;
using namespace rnn_rates::test;

namespace {

std::vector<std::string> names(const std::string& taste_params, const std::vector<std::string>& dig_ins) {
  const TemporaryFolder folder;
  write_file(folder / "a.info", R"({"taste_params": )" + taste_params + "}");
  return read_taste_names(folder / "a.info", dig_ins);
}

void refused(const std::string& text, const std::vector<std::string>& words) {
  const TemporaryFolder folder;
  write_file(folder / "a.info", text);
  expect_error(ErrorKind::input, words, [&] { read_electrode_layout(folder / "a.info"); });
}

void cut_refused(const std::string& text, const std::vector<std::string>& words) {
  const TemporaryFolder folder;
  write_file(folder / "a.params", text);
  expect_error(ErrorKind::input, words, [&] { read_cut_parameters(folder / "a.params"); });
}

}  // namespace

TEST_CASE("tastes are matched with dig-ins by the keys of all blech_clust versions") {
  const std::vector<std::string> dig_ins = {"dig_in_2", "dig_in_9", "dig_in_10"};
  const std::vector<std::string> expected = {"water", "nacl", "sucrose"};
  CHECK(
      names(
          R"({"dig_in_names": ["dig_in_9", "dig_in_10", "dig_in_2"], "tastes": ["nacl", "sucrose", "water"]})",
          dig_ins) == expected);
  CHECK(names(R"({"dig_in_nums": [9, 10, 2], "tastes": ["nacl", "sucrose", "water"]})", dig_ins) == expected);
  CHECK(names(R"({"dig_ins": [9, 10, 2], "tastes": ["nacl", "sucrose", "water"]})", dig_ins) == expected);
  CHECK(names(R"({"dig_in_names": ["board-DIN-09", "board-DIN-10", "board-DIN-02"],
                  "tastes": ["nacl", "sucrose", "water"]})",
              dig_ins) == expected);
  CHECK(names(R"({"tastes": ["water", "nacl", "sucrose"]})", dig_ins) == expected);
  CHECK(names(R"({"dig_ins": [0], "tastes": ["water"]})", {"dig_in_00"}) ==
        std::vector<std::string>{"water"});
}

TEST_CASE("a dig-in that the .info does not know keeps its own name") {
  const std::vector<std::string> dig_ins = {"dig_in_1", "dig_in_2"};
  CHECK(names(R"({"dig_ins": [2, 3], "tastes": ["nacl", "sucrose"]})", dig_ins) ==
        std::vector<std::string>{"dig_in_1", "nacl"});
  for (const char* nothing : {R"({"tastes": ["nacl"]})", R"({"dig_ins": [1, 2], "tastes": ["nacl"]})",
                              R"({"tastes": [null, {}]})", R"({"tastes": 3})", "{}", "null", "[]"}) {
    CHECK(names(nothing, dig_ins) == dig_ins);
  }
}

TEST_CASE("the electrode layout lists electrodes by CAR group or directly") {
  const TemporaryFolder folder;
  write_file(folder / "a.info",
             R"({"electrode_layout": {"gc": [[0, 1], [2]], "bla": [5, 6], "emg": [[3]], "none": []}})");
  CHECK(read_electrode_layout(folder / "a.info") ==
        std::map<std::int64_t, std::string>{
            {0, "gc"}, {1, "gc"}, {2, "gc"}, {3, "emg"}, {5, "bla"}, {6, "bla"}});
}

TEST_CASE("an .info that is not as blech_clust writes it is refused with file and key") {
  refused("{", {"a.info", "JSON"});
  refused("[1]", {"a.info", "JSON"});
  refused("", {"a.info", "JSON"});
  refused("{}", {"a.info", "'electrode_layout'", "missing"});
  refused(R"({"electrode_layout": [1]})", {"a.info", "'electrode_layout'", "[1]", "region -> electrodes"});
  refused(R"({"electrode_layout": {"gc": [[0, "x"]]}})", {"a.info", "'electrode_layout.gc'", "\"x\""});
  refused(R"({"electrode_layout": {"gc": [[0, 1.5]]}})", {"'electrode_layout.gc'", "1.5"});
  refused(R"({"electrode_layout": {"gc": [[0, 7]], "bla": [[7]]}})",
          {"a.info", "electrode 7", "two regions", "'bla'", "'gc'", "--regions all"});
  expect_error(ErrorKind::input, {"nowhere.info", "cannot be opened"},
               [] { read_taste_names("nowhere.info", {}); });
}

TEST_CASE("cut parameters are read, and refused with file and key") {
  const TemporaryFolder folder;
  write_file(folder / "a.params", R"({"sampling_rate": 30000, "spike_array_durations": [2000, 5000.0]})");
  const CutParameters cut = read_cut_parameters(folder / "a.params");
  CHECK(cut.samples_per_ms == 30.0);
  CHECK(cut.pre_ms == 2000);
  CHECK(cut.post_ms == 5000);
  cut_refused(R"({"spike_array_durations": [1, 2]})", {"a.params", "'sampling_rate'", "missing"});
  cut_refused(R"({"sampling_rate": 30000})", {"a.params", "'spike_array_durations'", "missing"});
  cut_refused(R"({"sampling_rate": 0, "spike_array_durations": [1, 2]})", {"'sampling_rate'", "Hz above 0"});
  cut_refused(R"({"sampling_rate": "x", "spike_array_durations": [1, 2]})", {"'sampling_rate'", "\"x\""});
  for (const char* durations : {"[1]", "[1, 2, 3]", "7"}) {
    cut_refused(R"({"sampling_rate": 1e4, "spike_array_durations": )" + std::string(durations) + "}",
                {"'spike_array_durations'", "[ms before, ms after the stimulus]"});
  }
  for (const char* durations : {"[-1, 2]", "[0.5, 2]", "[null, 2]", "[1, 1e300]"}) {
    cut_refused(R"({"sampling_rate": 1e4, "spike_array_durations": )" + std::string(durations) + "}",
                {"'spike_array_durations'", "whole ms from 0 up"});
  }
}
