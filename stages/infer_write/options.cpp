#include "infer_write/options.hpp"

#include <CLI/CLI.hpp>

#include "cli/options.hpp"

namespace rnn_rates::infer_write {

void add_options(CLI::App& app, Options& options, std::vector<std::string>& overrides) {
  cli::add_boolean_setting(app, "baselines", "infer.baselines",
                           "score simpler methods on the same held-out spikes", overrides);
  auto* publish = app.add_flag("--publish", options.publish,
                               "also put the rates into the session's own file, as /rnn_output, by a copy");
  auto* nwb = app.add_flag("--nwb", options.nwb, "also write the rates and latent factors as rates.nwb");
  app.add_option("--input", options.input, "which .h5 of the session folder, where it has several")
      ->type_name("FILE")
      ->check([=](const std::string&) {
        return publish->count() + nwb->count() > 0 ? "" : "makes sense with --publish or --nwb only";
      });
}

}  // namespace rnn_rates::infer_write
