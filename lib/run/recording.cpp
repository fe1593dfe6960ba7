#include "run/recording.hpp"

#include <algorithm>
#include <cmath>

namespace rnn_rates::run {

session::RecordingOptions recording_options(const Context& context, const config::ExtractBins& settings,
                                            const std::string& input) {
  return {
      .input = input,
      .regions_all = settings.regions == Regions::all,
      .reach = reach(context.options),
      .from = settings.from,
      .units = settings.units,
      .units_table = settings.nwb.units,
      .trials = {settings.nwb.trials, settings.nwb.align_to, settings.nwb.condition},
      .span = {settings.stim_ms, static_cast<std::size_t>(std::max(0.0, std::ceil(settings.time_lims_ms[1]))),
               settings.time_lims_ms[0]},
      .laser = settings.laser};
}

}  // namespace rnn_rates::run
