#include "cli/run_stage.hpp"
#include "extract_bins/options.hpp"
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
       .add_options = [&](auto& app,
                          auto& overrides) { extract_bins::add_options(app, options, overrides); }},
      stage);
}
