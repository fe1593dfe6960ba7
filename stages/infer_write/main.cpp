#include <CLI/CLI.hpp>

#include "cli/run_stage.hpp"
#include "infer_write/run.hpp"

namespace {

void add_options(CLI::App& app, rnn_rates::infer_write::Options& options) {
  auto* publish = app.add_flag("--publish", options.publish,
                               "also put the rates into the session's own file, as /rnn_output, by a copy");
  auto* nwb = app.add_flag("--nwb", options.nwb, "also write the rates and latent factors as rates.nwb");
  app.add_option("--input", options.input, "which .h5 of the session folder, where it has several")
      ->type_name("FILE")
      ->check([=](const std::string&) {
        return publish->count() + nwb->count() > 0 ? "" : "makes sense with --publish or --nwb only";
      });
}

}  // namespace

int main(int argc, char** argv) {
  using namespace rnn_rates;
  infer_write::Options options;
  infer_write::Stage stage(options);
  return cli::run_stage(
      argc, argv,
      {.summary = "Infers single-trial firing rates from the trained networks into rates.h5.",
       .examples = {"infer_write -c configs/reference.toml SESSION_DIR",
                    "infer_write --publish --set train.weights=best SESSION_DIR"},
       .settings = {{"baselines", "infer.baselines", "score simpler methods on the same held-out spikes",
                     true}},
       .add_options = [&](CLI::App& app) { add_options(app, options); }},
      stage);
}
