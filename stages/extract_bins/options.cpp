#include "extract_bins/options.hpp"

#include <CLI/CLI.hpp>

#include "cli/stage.hpp"

namespace rnn_rates::extract_bins {

void add_options(CLI::App& app, Options& options, std::vector<std::string>& overrides) {
  app.add_option("--input", options.input, "which .h5 of the session folder, where it has several")
      ->type_name("FILE");
  cli::add_text_setting(app, "regions", "regions", "layout: from the recording's electrodes; all: one region",
                        overrides);
  app.add_option("--simulate", options.simulate,
                 "write a simulated session with known rates into DIR (seeded by the setting seed) and stop")
      ->type_name("DIR");
}

}  // namespace rnn_rates::extract_bins
