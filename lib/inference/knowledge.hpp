#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "inference/fit_data.hpp"
#include "inference/method.hpp"
#include "inference/networks.hpp"

namespace rnn_rates::inference {

/// What the rate of a unit in a bin of a trial is made from.
struct Knowledge {
  /// Which condition the trial was of, told by the experimenter: rates can differ between conditions in which
  /// spikes do not.
  bool condition_label = false;
  double future_ms = 0;        ///< how far after the bin spikes of the trial may lie
  bool other_regions = false;  ///< spikes of units of other regions
  bool own_spikes = false;     ///< spikes of the trial itself; of other trials all learn

  bool operator==(const Knowledge&) const = default;
};

/// Of rates that several others are combined to.
Knowledge together(const Knowledge& first, const Knowledge& second);

/// "made from the trial's spikes, up to 500 ms after the bin, without knowing the trial's condition".
std::string described(const Knowledge& knowledge);

/// What of a fit decides what its rates know.
struct FitScope {
  bool of_some_conditions = false;  ///< it learned from some of the session's conditions only
  bool of_several_regions = false;
  double window_ms = 0;
  double network_future_ms = 0;
};

/// Of a fit to a session of `conditions` conditions; `unit_regions` (unit of the session).
FitScope scope_of(const FitData& data, const Networks& networks, std::size_t conditions,
                  std::span<const std::string> unit_regions);

Knowledge knowledge_of(Method method, const FitScope& scope);

/// Of rates combined from several methods.
Knowledge knowledge_of(std::span<const Method> methods, const FitScope& scope);

}  // namespace rnn_rates::inference
