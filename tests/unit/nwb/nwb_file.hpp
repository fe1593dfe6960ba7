#pragma once

#include <string>
#include <vector>

#include "h5/dataset.hpp"
#include "h5/strings.hpp"
#include "support/temporary_folder.hpp"

namespace rnn_rates::test {

inline const h5::Description anything{"anything", "row", "1"};

/// An NWB file that grows column by column.
class TestFile {
 public:
  void numbers(const std::string& object, const std::vector<double>& values) {
    h5::write_vector<double>(file, object, values, anything);
  }
  void ends(const std::string& object, const std::vector<std::uint8_t>& values) {
    h5::write_vector<std::uint8_t>(file, object, values, anything);
  }
  void texts(const std::string& object, const std::vector<std::string>& values) {
    h5::write_strings(file, object, values, anything);
  }
  /// /units with the spike times of three units: 2, none, 1.
  void units() {
    numbers("/units/spike_times", {0.5, 1.5, 7});
    h5::write_vector<std::uint8_t>(file, "/units/spike_times_index", {{2, 2, 3}}, anything);
  }

 private:
  TemporaryFolder folder_;

 public:
  h5::File file = h5::File::create(folder_ / "a.nwb");
};

}  // namespace rnn_rates::test
