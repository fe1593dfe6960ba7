#include "session/plausible_times.hpp"

#include <doctest/doctest.h>

#include "session_folder.hpp"

using namespace rnn_rates;
using namespace rnn_rates::session;
using namespace rnn_rates::test;

namespace {

/// 24 trials, 5 s apart from 2 s on, with windows from 0.5 s before to 1 s after the stimulus.
TimesOfRecording trials(double scale = 1, double offset_s = 0) {
  TimesOfRecording times{"trials", "start_time", "", {}, 0.5, 1.0};
  for (int trial = 0; trial < 24; ++trial) times.trials_s.push_back(scale * (2 + 5 * trial) + offset_s);
  return times;
}

/// 5 units of 15 Hz over 130 s, in proportion to time also within windows.
RecordedSpan spikes(double scale = 1) {
  return {0.01 * scale, 130 * scale, 5, 9750, static_cast<std::size_t>(scale == 1 ? 2700 : 3)};
}

void refused(const std::vector<std::string>& words, const TimesOfRecording& times,
             const RecordedSpan& recorded) {
  expect_error(ErrorKind::input, words, [&] { check_plausible(times, recorded); });
}

}  // namespace

TEST_CASE("usual times pass, a few trials outside of the recording and pauses too") {
  check_plausible(trials(), spikes());
  TimesOfRecording some = trials();
  some.trials_s.insert(some.trials_s.end(), {-20, -10, 140, 150});
  check_plausible(some, spikes());
  // Twenty trials of two minutes in a day.
  TimesOfRecording short_block = trials(1, 40000);
  check_plausible(short_block, {0, 86400, 5, 6480000, 2700});
}

TEST_CASE("trials at one time are refused, as are those that count from their own start") {
  refused({"24 of 24 trials", "start_time", "not of the trial"}, trials(0), spikes());
  TimesOfRecording most = trials();
  for (int i = 0; i < 30; ++i) most.trials_s.push_back(0);
  refused({"30 of 54 trials have one and the same start_time"}, most, spikes());
  refused({"24 of 24 trials", "within 1.5 s"}, trials(0.01), spikes());
  check_plausible(trials(0.1), spikes());  // half a second apart
}

TEST_CASE("spikes in ms beside trials in s are refused, and the other way round") {
  refused({"trials", "cover 10 to 130000 s", "cover 2 to 117 s", "0.015 Hz", "both in seconds"}, trials(),
          spikes(1000));
  refused({"24 of 24 trials lie outside", "cover 2000 to 117000 s", "both in seconds"}, trials(1000),
          spikes());
  refused({"24 of 24 trials lie outside"}, trials(1, 1.6e9), spikes());
}

TEST_CASE("units that hardly fire in days raise a doubt, and no more") {
  CHECK_FALSE(doubt_of_unit(trials(), spikes()));
  CHECK_FALSE(doubt_of_unit(trials(), {0, 300000, 5, 300000 * 5, 2700}));
  const auto doubt = doubt_of_unit(trials(1000), spikes(1000));
  REQUIRE(doubt);
  CHECK(doubt->find("1.5 days were recorded, in which units fire 0.015 Hz") != std::string::npos);
}

TEST_CASE("windows that cover much of the time and hardly a spike are refused") {
  RecordedSpan recorded = spikes();
  recorded.in_windows = 20;
  refused({"20 of 9750 spikes", "27.7% of the recording"}, trials(), recorded);
}

TEST_CASE("windows that touch are one stretch, times are kept within them only") {
  CHECK(joined({{5, 6}, {1, 2}, {2, 3}}) == Stretches{{1, 3}, {5, 6}});
  const TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "a.h5");
  h5::write_vector<double>(file, "/times", std::vector<double>{9, 1, 2.5, 0.5, 5, 6, 6.5}, anything);
  const UnitTimes times(h5::Dataset(file, "/times"), 1, 6, {{1, 3}, {5, 6}});
  CHECK(times.count() == 6);
  CHECK(times.kept() == 4);
  CHECK(times.first() == 0.5);
  CHECK(times.last() == 6.5);
  const auto found = times.between(1, 2.5);
  CHECK(std::vector<double>(found.begin(), found.end()) == std::vector<double>{1, 2.5});
}
