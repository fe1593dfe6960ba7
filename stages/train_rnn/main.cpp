#include "cli/run_stage.hpp"
#include "train_rnn/options.hpp"
#include "train_rnn/run.hpp"

int main(int argc, char** argv) {
  using namespace rnn_rates;
  train_rnn::FitTrainer trainer;
  return cli::run_stage(
      argc, argv,
      {.summary = "Trains one recurrent network a fit of each session into models/<fit>.h5.",
       .examples = {"train_rnn -c configs/reference.toml SESSION_DIR",
                    "mpirun -n 4 train_rnn --threads 1 --set model.hidden_size=16 --manifest sessions.tsv"},
       .add_options = train_rnn::add_options},
      {.name = "train_rnn",
       .touches = {artifact::bins, artifact::pca, artifact::model},
       .plan = train_rnn::plan,
       .run_part = [&](const auto& context, const auto& session,
                       const std::string& fit) { return trainer.train(context, session, fit); },
       .progress_unit = "training steps"});
}
