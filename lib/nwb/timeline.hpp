#pragma once

#include <cstddef>
#include <vector>

#include "nwb/write_rates.hpp"

namespace rnn_rates::nwb {

struct TimedTrial {
  std::size_t condition = 0;
  std::size_t of_condition = 0;  ///< its place among those of its condition
  std::size_t of_session = 0;    ///< and among those of all conditions in order
  double stimulus_s = 0;
  std::size_t series = 0;  ///< the time series that holds it: one after another without overlap
};

/// The session's trials in the order of time.
struct Timeline {
  std::vector<TimedTrial> trials;
  std::size_t series = 1;  ///< how many it takes for windows that overlap
  bool recorded = true;    ///< false: the times are made up, one second between windows
};

Timeline lay_out(const RatesSession& session);

}  // namespace rnn_rates::nwb
