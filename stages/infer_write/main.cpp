#include "cli/run_stage.hpp"
#include "infer_write/options.hpp"
#include "infer_write/run.hpp"

int main(int argc, char** argv) {
  using namespace rnn_rates;
  infer_write::Options options;
  return cli::run_stage(
      argc, argv,
      {.summary = "Infers single-trial firing rates from the trained networks into rates.h5.",
       .examples = {"infer_write -c configs/reference.toml SESSION_DIR",
                    "infer_write --publish --set train.weights=best SESSION_DIR"},
       .add_options = [&](CLI::App& app,
                          auto& overrides) { infer_write::add_options(app, options, overrides); }},
      {.name = "infer_write",
       .run = [&](const run::Context& context,
                  const auto& session) { return infer_write::run(context, session, {}, options); },
       .run_together =
           [&](const run::Context& context, const auto& session, const mpi::Group& group) {
             return infer_write::run(context, session, group, options);
           },
       .touches = {artifact::bins, artifact::pca, artifact::model, artifact::rates},
       .verify_more = [&](const run::Context& context,
                          const auto& session) { infer_write::verify_copies(context, session, options); },
       .check_sessions =
           [&](const run::Context& context) { infer_write::check_recordings(context, options); }});
}
