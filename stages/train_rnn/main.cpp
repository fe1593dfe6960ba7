#include "cli/run_stage.hpp"
#include "train_rnn/run.hpp"

int main(int argc, char** argv) {
  using namespace rnn_rates;
  train_rnn::Stage stage;
  return cli::run_stage(
      argc, argv,
      {.summary = "Trains one recurrent network per fit of each session into models/<fit>.h5.",
       .examples = {"train_rnn -c configs/reference.toml SESSION_DIR",
                    "mpirun -n 4 train_rnn --threads 1 --set model.hidden_size=16 --manifest sessions.tsv"},
       .settings = {{"engine", "train.engine", "auto, fused (CPU) or libtorch (any device)"},
                    {"device", "train.device", "cpu, cuda or cuda:N"}}},
      stage);
}
