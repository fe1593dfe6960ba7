#include <doctest/doctest.h>

#include <random>

#include "session/session_info.hpp"
#include "session_folder.hpp"

using namespace rnn_rates;
using namespace rnn_rates::session;
using namespace rnn_rates::test;

namespace {

constexpr std::size_t units = 4, pre_ms = 100, array_ms = 300;
using Trials = std::vector<std::size_t>;  ///< (trial) the taste

/// A folder of blech_clust's with trials 1 s apart, arrays cut from random spikes of 20 Hz.
struct Session {
  TemporaryFolder folder;
  Trials trials;
  std::vector<std::vector<double>> spikes_ms{units};  ///< (unit)

  explicit Session(Trials tastes) : trials(std::move(tastes)) {
    std::mt19937 random(1);
    for (auto& times : spikes_ms) {
      for (std::size_t ms = 0; ms < 1000 * (trials.size() + 1); ++ms) {
        if (random() % 50 == 0) times.push_back(static_cast<double>(ms));
      }
    }
    std::string table = "dig_in_name_taste,taste,start_taste\n";
    for (std::size_t trial = 0; trial < trials.size(); ++trial)
      table += fmt::format("dig_in_{},{},{}\n", trials[trial], names(trials[trial]), 10 * start_ms(trial));
    write_file(folder / "trial_info_frame.csv", table);
    write_file(folder / "a.params", R"({"sampling_rate": 10000, "spike_array_durations": [100, 200]})");
    write_info(R"("tastes": ["nacl", "sucrose", "water"])");
  }

  static std::string names(std::size_t taste) { return std::array{"nacl", "sucrose", "water"}[taste]; }
  static std::size_t start_ms(std::size_t trial) { return 1000 * (trial + 1); }
  void write_info(const std::string& params) const {
    write_file(folder / "a.info",
               R"({"taste_params": {"dig_in_names": ["dig_in_0", "dig_in_1", "dig_in_2"], )" + params + "}}");
  }

  /// `held` (dig-in): whose trials its array holds.
  void write(const std::vector<std::size_t>& held, bool with_times = true) const {
    h5::File file = h5::File::create(folder / "a.h5");
    for (std::size_t dig_in = 0; dig_in < held.size(); ++dig_in) {
      Trials own;
      for (std::size_t trial = 0; trial < trials.size(); ++trial) {
        if (trials[trial] == held[dig_in]) own.push_back(trial);
      }
      Array<double, 3> array({own.size(), units, array_ms});
      for (std::size_t i = 0; i < own.size(); ++i) {
        for (std::size_t unit = 0; unit < units; ++unit) {
          for (const double ms : spikes_ms[unit]) {
            const double at = ms - static_cast<double>(start_ms(own[i])) + static_cast<double>(pre_ms);
            if (at >= 0 && at < array_ms) array(i, unit, static_cast<std::size_t>(at)) = 1;
          }
        }
      }
      h5::write_array(file, fmt::format("/spike_trains/dig_in_{}/spike_array", dig_in), array, anything);
    }
    for (std::size_t unit = 0; with_times && unit < units; ++unit) {
      std::vector<double> samples;
      for (const double ms : spikes_ms[unit]) samples.push_back(10 * ms);
      write_times(file, fmt::format("unit{:03}", unit), samples);
    }
    file.close();
  }

  std::unique_ptr<Recording> open(SpikesFrom from = SpikesFrom::automatic) const {
    return open_recording(folder.path(), {.from = from});
  }
  void refused(const std::vector<std::string>& words) const {
    expect_error(ErrorKind::input, words, [&] { open(); });
  }
};

}  // namespace

TEST_CASE("arrays that agree with the table of trials get its times") {
  const Session session({2, 0, 1, 0, 2, 2});
  session.write({0, 1, 2});
  auto recording = session.open();
  CHECK(recording->notes().empty());
  CHECK(recording->tastes()[0].times_s == std::vector<double>{2, 4});
  CHECK(recording->tastes()[2].times_s == std::vector<double>{1, 5, 6});
  CHECK(recording->sources().size() == 4);
  recording.reset();
  session.write({0, 1, 2}, false);
  CHECK(session.open()->tastes()[1].times_s == std::vector<double>{3});
}

TEST_CASE("arrays of tastes under each other's names are told by their spikes, also where numbers agree") {
  const Session session({2, 0, 1, 0, 1, 2});
  session.write({1, 0, 2});
  session.refused({"a.h5:/spike_trains", "that of dig_in_0 (nacl) holds trials of dig_in_1 (sucrose)",
                   "that of dig_in_1 (sucrose) holds trials of dig_in_0 (nacl)", "--from spike_times"});
  const auto anew = session.open(SpikesFrom::spike_times);
  CHECK(anew->tastes()[0].name == "nacl");
  CHECK(anew->tastes()[0].times_s == std::vector<double>{2, 4});
}

TEST_CASE("without spike times, arrays are held against numbers of trials") {
  const Session session({2, 0, 1, 0, 2, 2});
  session.write({1, 0, 2}, false);
  session.refused({"dig_in_0 (nacl): 1 in its array, 2 there", "dig_in_1 (sucrose): 2 in its array, 1 there",
                   "each other's names", "trial_info_frame.csv"});
  fs::remove(session.folder / "trial_info_frame.csv");
  CHECK(session.open()->tastes()[0].times_s.empty());
  session.write_info(R"("tastes": ["nacl", "sucrose", "water"], "trial_count": [2, 1, 3])");
  session.refused({"a.info", "dig_in_0 (nacl): 1 in its array, 2 there", "each other's names"});
  session.write_info(R"("tastes": ["nacl", "sucrose", "water"], "trial_count": [3, 2, 3])");
  const auto fewer = session.open();
  REQUIRE(fewer->notes().size() == 1);
  CHECK(fewer->notes()[0].find("dig_in_1 (sucrose)") == std::string::npos);
}

TEST_CASE("where nothing can tell, arrays of the time of the mistake are warned of") {
  const Session session({2, 0, 1, 0, 1, 2});
  session.write({1, 2, 0}, false);
  CHECK(session.open()->notes().empty());
  const auto written_on = [&](const std::string& time) {
    write_file(session.folder / "execution_log.json",
               R"({"completed": {"/home/a/blech_clust/blech_make_arrays.py": ")" + time + R"("}})");
  };
  written_on("2025-11-03 10:20:30");
  CHECK(session.open()->notes().empty());
  written_on("2026-03-01 10:20:30");
  REQUIRE(session.open()->notes().size() == 1);
  CHECK(session.open()->notes()[0].find("nothing tells whether these arrays are right") != std::string::npos);
  const Session in_order({0, 1, 2, 0, 1, 2}), other_numbers({2, 0, 1, 0, 1, 2, 2});
  for (const Session* told : {&in_order, &other_numbers}) {
    fs::copy_file(session.folder / "execution_log.json", told->folder / "execution_log.json");
    told->write({0, 1, 2}, false);
  }
  CHECK(in_order.open()->notes().empty());
  CHECK(other_numbers.open()->notes().empty());
}

TEST_CASE("arrays are as old as the log says, or younger than the recording") {
  const TemporaryFolder folder;
  CHECK(arrays_written_on(folder.path(), "AB1_4Tastes_260301_101010") == "2026-03-01");
  CHECK(arrays_written_on(folder.path(), "AB1") == "");
  write_file(folder / "execution_log.json", "[1");
  CHECK(arrays_written_on(folder.path(), "AB1") == "");
}

TEST_CASE("the table of trials and the .info contradict each other on which taste is which") {
  const Session session({2, 0, 1, 0, 2, 2});
  session.write({0, 1, 2});
  session.write_info(R"("tastes": ["sucrose", "nacl", "water"])");
  session.refused({"trial_info_frame.csv", "a.info", "dig_in_0 is sucrose there and nacl here",
                   "dig_in_1 is nacl there and sucrose here"});
  session.write_info(R"("tastes": ["NaCl 0.1 M", "sucrose", "water"])");
  CHECK(session.open()->tastes()[0].name == "NaCl 0.1 M");
}
