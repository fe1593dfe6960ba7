#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "h5/file.hpp"

namespace rnn_rates::h5 {

/// Paths of the objects that a list of object references points to; "" for one that points to none. Throws
/// Error(input) where the dataset is absent or holds anything else.
std::vector<std::string> read_references(const File& file, const std::string& object);

/// Part of a time series: `count` samples from `start` on of the group `object`.
struct Stretch {
  std::string object;
  std::int32_t start = 0;
  std::int32_t count = 0;
};

/// Writes a list of stretches of objects in the file, as NWB keeps them: records of idx_start, count and an
/// object reference, timeseries. Undescribed.
void write_stretches(File& file, const std::string& object, const std::vector<Stretch>& stretches);

/// Writes an attribute that refers to the object `target` of the file.
void write_reference_attribute(File& file, const std::string& object, const std::string& name,
                               const std::string& target);

}  // namespace rnn_rates::h5
