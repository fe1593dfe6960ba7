#include "cli/run_stage.hpp"
#include "reduce_pca/run.hpp"

int main(int argc, char** argv) {
  using namespace rnn_rates;
  reduce_pca::Stage stage;
  return cli::run_stage(
      argc, argv,
      {.summary = "Scales binned spikes and reduces them to principal components in pca.h5.",
       .examples = {"reduce_pca -c configs/reference.toml SESSION_DIR",
                    "reduce_pca --no-separate-tastes --set pca.variance=0.9 SESSION_DIR"},
       .settings = {{"separate-tastes", "fits.separate_tastes", "one network per taste", true},
                    {"separate-regions", "fits.separate_regions", "one network per region", true}}},
      stage);
}
