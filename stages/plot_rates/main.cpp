#include <CLI/CLI.hpp>

#include "cli/run_stage.hpp"
#include "config/keys.hpp"
#include "plot_rates/run.hpp"

int main(int argc, char** argv) {
  using namespace rnn_rates;
  plot_rates::Options options;
  plot_rates::Stage stage(options);
  return cli::run_stage(
      argc, argv,
      {.summary = "Draws each session's figures into plots/ and its page report.html.",
       .examples = {"plot_rates -c configs/reference.toml SESSION_DIR",
                    "plot_rates --figure mean_rates --format svg SESSION_DIR",
                    "plot_rates -o OUT --compare OTHER_OUT SESSION_DIR"},
       .settings = {{"format", "plots.format", "png, svg or pdf"}},
       .add_options =
           [&](CLI::App& app) {
             app.add_option(
                    "--compare", options.compare,
                    "also write OUT/compare.html: settings, scores and pages beside those of another --out")
                 ->type_name("OTHER_OUT")
                 ->check(CLI::ExistingDirectory)
                 ->needs("--out");
             app.add_option("--figure", options.figure,
                            "draw this one only, beside the pictures that are there")
                 ->type_name("NAME")
                 ->check(CLI::IsMember(config::figure_names()));
           }},
      stage);
}
