#include "run/recording.hpp"

#include <algorithm>
#include <cmath>

namespace rnn_rates::run {

session::RecordingOptions recording_options(const Context& context, const std::string& input) {
  const config::Config& config = context.config;
  session::NwbOptions nwb{config.nwb.trials, config.nwb.align_to, config.nwb.condition};
  nwb.pre_ms = config.stim_ms;
  nwb.array_ms = static_cast<std::size_t>(std::max(0.0, std::ceil(config.time_lims_ms[1])));
  return {input, config.regions == "all", reach(context.options), nwb, config.laser};
}

}  // namespace rnn_rates::run
