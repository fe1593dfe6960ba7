#pragma once

#include <doctest/doctest.h>
#include <hdf5.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/array.hpp"
#include "core/atomic_file.hpp"
#include "h5/dataset.hpp"
#include "session/recording.hpp"
#include "support/expect_error.hpp"
#include "support/shared_folder.hpp"
#include "support/temporary_folder.hpp"

namespace rnn_rates::test {

namespace fs = std::filesystem;

inline const h5::Description anything{"anything", "trial unit ms", "1"};

/// Writes /spike_trains/DIG_IN/spike_array of `shape` (trial, unit, ms) with `value` everywhere.
template <class T = double>
void write_spike_array(h5::File& file, const std::string& dig_in, const std::array<std::size_t, 3>& shape,
                       T value = T{1}) {
  h5::write_array(file, "/spike_trains/" + dig_in + "/spike_array", Array<T, 3>(shape, value), anything);
}

struct DescriptorRow {
  int unit_number;
  int electrode_number;
};

/// Writes /unit_descriptor as PyTables would; without the column unit_number unless `numbered`.
inline void write_unit_descriptor(h5::File& file, const std::vector<DescriptorRow>& rows,
                                  bool numbered = true) {
  const h5::Handle type(H5Tcreate(H5T_COMPOUND, sizeof(DescriptorRow)), "row type");
  if (numbered) {
    h5::check(H5Tinsert(type.get(), "unit_number", HOFFSET(DescriptorRow, unit_number), H5T_NATIVE_INT),
              "row");
  }
  h5::check(
      H5Tinsert(type.get(), "electrode_number", HOFFSET(DescriptorRow, electrode_number), H5T_NATIVE_INT),
      "row");
  const hsize_t count = rows.size();
  const h5::Handle space(H5Screate_simple(1, &count, nullptr), "rows");
  const h5::Handle table(H5Dcreate2(file.id(), "/unit_descriptor", type.get(), space.get(), H5P_DEFAULT,
                                    H5P_DEFAULT, H5P_DEFAULT),
                         "table");
  h5::check(H5Dwrite(table.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, rows.data()), "rows");
}

/// Writes /sorted_units/UNIT/times.
template <class T>
void write_times(h5::File& file, const std::string& unit, const std::vector<T>& samples) {
  h5::write_vector<T>(file, "/sorted_units/" + unit + "/times", samples, {"spike times", "spike", "samples"});
}

/// The whole of one trial, (unit, ms).
inline std::vector<double> whole_trial(session::Recording& recording, std::size_t taste, std::size_t trial) {
  std::vector<double> spikes(recording.units() * recording.array_ms(), -1.0);
  recording.read_trial(taste, trial, 0, recording.array_ms(), spikes);
  return spikes;
}

/// Session folders katz_gc and locust as blech_clust leaves them, made once; nothing, with a message, where
/// they cannot be made.
inline std::optional<fs::path> recorded_sessions() {
  const std::optional<fs::path> script = shared_file("tools/make_sessions.py");
  if (!script) return std::nullopt;
  static const TemporaryFolder folder;
  static const int failed =
      std::system(("/usr/bin/python3 '" + script->string() + "' '" + folder.path().string() + "' > '" +
                   (folder / "log").string() + "' 2>&1")
                      .c_str());
  if (failed == 0) return folder.path();
  MESSAGE("skipped: make_sessions.py did not run");
  return std::nullopt;
}

}  // namespace rnn_rates::test
