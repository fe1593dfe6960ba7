#include "cli/run_stage.hpp"
#include "plot_rates/options.hpp"
#include "plot_rates/run.hpp"

int main(int argc, char** argv) {
  using namespace rnn_rates;
  plot_rates::Options options;
  plot_rates::Stage stage(options);
  return cli::run_stage(
      argc, argv,
      {.summary = "Draws each session's figures into plots/ and its page report.html.",
       .examples = {"plot_rates -c configs/reference.toml SESSION_DIR",
                    "plot_rates --figure mean_rates --format svg SESSION_DIR"},
       .add_options = [&](auto& app, auto& overrides) { plot_rates::add_options(app, options, overrides); }},
      stage);
}
