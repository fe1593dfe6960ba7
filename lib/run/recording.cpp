#include "run/recording.hpp"

#include <algorithm>
#include <cmath>

namespace rnn_rates::run {

session::RecordingOptions recording_options(const Context& context, const std::string& input) {
  const config::Config& config = context.config;
  return {
      .input = input,
      .regions_all = config.regions == "all",
      .reach = reach(context.options),
      .trials = {config.nwb.trials, config.nwb.align_to, config.nwb.condition},
      .span = {config.stim_ms, static_cast<std::size_t>(std::max(0.0, std::ceil(config.time_lims_ms[1])))},
      .laser = config.laser};
}

}  // namespace rnn_rates::run
