#pragma once

#include <string>
#include <vector>

#include "core/array.hpp"
#include "core/columns.hpp"
#include "h5/file.hpp"
#include "h5/references.hpp"

namespace rnn_rates::nwb {

/// Writes objects of the formats NWB and hdmf-common: each gets its type's name and an object_id that derives
/// from `seed` and its path, so that equal rates give equal files.
class ObjectWriter {
 public:
  ObjectWriter(h5::File& file, std::string seed) : file_(file), seed_(std::move(seed)) {}

  h5::File& file() { return file_; }
  void mark(const std::string& object, const std::string& space, const std::string& type);
  void describe(const std::string& object, const std::string& description);
  /// A table without columns; `type` is one of `space`, such as "TimeIntervals" of "core".
  void table(const std::string& group, const std::string& space, const std::string& type,
             const std::string& description, std::size_t rows, const std::vector<std::string>& columns);
  void column(const std::string& group, const std::string& name, const std::string& description,
              const Column& values);
  /// A column of lists: (row) stretches of time series.
  void stretches(const std::string& group, const std::string& name, const std::string& description,
                 const std::vector<std::vector<h5::Stretch>>& rows);
  /// `data` (time, channel), `timestamps_s` (time).
  void time_series(const std::string& group, const std::string& description, const std::string& comments,
                   const std::string& unit, const Array<float, 2>& data,
                   const std::vector<double>& timestamps_s);

 private:
  h5::File& file_;
  std::string seed_;
};

}  // namespace rnn_rates::nwb
