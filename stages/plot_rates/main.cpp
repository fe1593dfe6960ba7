#include "plot_rates/options.hpp"
#include "plot_rates/run.hpp"

int main(int argc, char** argv) {
  using namespace rnn_rates;
  return cli::run_stage(
      argc, argv,
      {.name = "plot_rates",
       .summary = "Draws losses, rasters and rates of each session into plots/.",
       .examples = {"plot_rates -c configs/reference.toml SESSION_DIR",
                    "plot_rates --format svg --set \"plots.select=['mean_rates']\" SESSION_DIR"},
       .add_options = plot_rates::add_options,
       .run = plot_rates::run,
       .touches = {artifact::bins, artifact::model, artifact::rates},
       .verify_more = plot_rates::verify_pictures});
}
