#include "extract_bins/options.hpp"

#include <CLI/CLI.hpp>

#include "cli/options.hpp"

namespace rnn_rates::extract_bins {

void add_options(CLI::App& app, Options& options, std::vector<std::string>& overrides) {
  app.add_option("--input", options.input, "which .h5 of the session folder, where it has several")
      ->type_name("FILE");
  cli::add_text_setting(app, "regions", "regions", "layout: from the recording's electrodes; all: one region",
                        overrides);
  cli::add_text_setting(app, "laser", "laser",
                        "trials with laser: include, exclude, separate networks for them, or input",
                        overrides);
  cli::add_text_setting(app, "trials", "nwb.trials", "of an NWB file: table of trials in /intervals (trials)",
                        overrides);
  cli::add_text_setting(app, "align-to", "nwb.align_to",
                        "of an NWB file: column of trials with the stimulus, in seconds (start_time)",
                        overrides);
  cli::add_text_setting(app, "condition", "nwb.condition",
                        "of an NWB file: column of trials with the taste or condition; none: all are one",
                        overrides);
  cli::add_text_setting(app, "units", "nwb.units", "of an NWB file: path of the table of units (/units)",
                        overrides);
  cli::add_text_setting(
      app, "from", "from",
      "auto: spike arrays where there are any; spike_times: cut trials anew from /sorted_units", overrides);
  app.add_option("--simulate", options.simulate,
                 "write a simulated session with known rates into DIR (seeded by the setting seed) and stop")
      ->type_name("DIR");
}

}  // namespace rnn_rates::extract_bins
