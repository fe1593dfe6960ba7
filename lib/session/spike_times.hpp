#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "h5/dataset.hpp"

namespace rnn_rates::session {

/// The spike times of one unit: a part of a dataset, read block by block, so that a long recording is never
/// held whole. Times may come in any order.
class UnitTimes {
 public:
  /// The elements [first, first + count) of `times` (one axis, any numeric type), whose blocks are looked
  /// through. Throws Error(input) where one is not finite.
  UnitTimes(std::shared_ptr<const h5::Dataset> times, std::size_t first, std::size_t count);

  /// Calls `visit` with every time t, from <= t <= to, in the order of the file; `buffer` is for reuse.
  void visit(double from, double to, std::vector<double>& buffer,
             const std::function<void(double)>& visit) const;
  /// -infinity where there is none.
  double last() const;

 private:
  struct Range {
    double least = std::numeric_limits<double>::infinity();
    double greatest = -std::numeric_limits<double>::infinity();
  };
  void read_block(std::size_t block, std::vector<double>& into) const;

  std::shared_ptr<const h5::Dataset> times_;
  std::size_t first_, count_;
  std::vector<Range> blocks_;
};

}  // namespace rnn_rates::session
