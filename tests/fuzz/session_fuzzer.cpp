#include <algorithm>

#include "fuzz/input_file.hpp"
#include "h5/handle.hpp"
#include "session/recording.hpp"

using namespace rnn_rates;

namespace {

/// The files that lie beside the recording.
void write_companions(const fuzz::Folder& folder) {
  folder.write("session.info",
               R"({"electrode_layout": {"gc": [[0, 1, 2, 3]], "bla": [[4, 5], [6, 7]]},
                   "taste_params": {"dig_in_names": ["dig_in_0", "dig_in_1"], "tastes": ["sucrose", "quinine"]}})");
  folder.write("session.params", R"({"sampling_rate": 30000, "spike_array_durations": [100, 400]})");
  folder.write("trial_info_frame.csv",
               "dig_in_name_taste,start_taste\ndig_in_0,300000\ndig_in_0,360000\ndig_in_1,420000\n");
}

void read(session::Recording& recording) {
  constexpr std::size_t most_values = std::size_t{1} << 24;
  const std::size_t ms = std::min<std::size_t>(recording.array_ms(), 100);
  if (recording.units() > most_values / std::max<std::size_t>(ms, 1)) return;
  std::vector<double> spikes(recording.units() * ms);
  for (std::size_t taste = 0; taste < recording.tastes().size(); ++taste) {
    const std::size_t trials = std::min<std::size_t>(recording.tastes()[taste].trials, 4);
    for (std::size_t trial = 0; trial < trials; ++trial) recording.read_trial(taste, trial, 0, ms, spikes);
  }
  h5::reading([&] { session::read_true_rates(recording); });
}

}  // namespace

/// The input is the .h5 of a session, or the .nwb.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Folder folder;
  [[maybe_unused]] static const bool there = (write_companions(folder), true);
  const auto file = folder.write("session.h5", fuzz::as_text(data, size));
  fuzz::refuse_or_read([&] { read(*session::open_recording(file, {})); });
  const auto nwb = folder.write("session.nwb", fuzz::as_text(data, size));
  session::RecordingOptions window;
  window.span.pre_ms = 100;
  window.span.array_ms = 500;
  fuzz::refuse_or_read([&] { read(*session::open_recording(nwb, window)); });
  return 0;
}
