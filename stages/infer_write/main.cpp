#include "cli/run_stage.hpp"
#include "infer_write/options.hpp"
#include "infer_write/run.hpp"

int main(int argc, char** argv) {
  using namespace rnn_rates;
  infer_write::Options options;
  infer_write::Stage stage(options);
  return cli::run_stage(
      argc, argv,
      {.summary = "Infers single-trial firing rates from the trained networks into rates.h5.",
       .examples = {"infer_write -c configs/reference.toml SESSION_DIR",
                    "infer_write --publish --set train.weights=best SESSION_DIR"},
       .add_options = [&](auto& app, auto& overrides) { infer_write::add_options(app, options, overrides); }},
      stage);
}
