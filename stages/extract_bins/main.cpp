#include <CLI/CLI.hpp>

#include "cli/run_stage.hpp"
#include "extract_bins/run.hpp"

int main(int argc, char** argv) {
  using namespace rnn_rates;
  extract_bins::Options options;
  extract_bins::Stage stage(options);
  return cli::run_stage(
      argc, argv,
      {.summary = "Bins the spikes of recording sessions into bins.h5.",
       .examples = {"extract_bins -c configs/reference.toml SESSION_DIR",
                    "extract_bins --set bin_ms=50 -o results --manifest sessions.tsv"},
       .settings =
           {{"regions", "regions", "layout: from the recording's electrodes; all: one region"},
            {"laser", "laser", "trials with laser: include, exclude, separate networks for them, or input"},
            {"trials", "nwb.trials", "of an NWB file: table of trials in /intervals (trials)"},
            {"align-to", "nwb.align_to",
             "of an NWB file: column of trials with the stimulus, in seconds (start_time)"},
            {"condition", "nwb.condition",
             "of an NWB file: column of trials with the taste or condition; none: all are one"},
            {"units", "nwb.units", "of an NWB file: path of the table of units (/units)"},
            {"from", "from",
             "auto: spike arrays where there are any; spike_times: cut trials anew from /sorted_units"}},
       .add_options =
           [&](CLI::App& app) {
             app.add_option("--input", options.input, "which .h5 of the session folder, where it has several")
                 ->type_name("FILE");
             app.add_option("--simulate", options.simulate,
                            "write a simulated session with known rates into DIR (seeded by the setting "
                            "seed) and stop")
                 ->type_name("DIR");
           }},
      stage);
}
