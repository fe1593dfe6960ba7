#include "cli/run_stage.hpp"
#include "plot_rates/dataset.hpp"
#include "plot_rates/options.hpp"
#include "plot_rates/run.hpp"

int main(int argc, char** argv) {
  using namespace rnn_rates;
  plot_rates::Options options;
  return cli::run_stage(
      argc, argv,
      {.summary = "Draws each session's figures into plots/ and its page report.html.",
       .examples = {"plot_rates -c configs/reference.toml SESSION_DIR",
                    "plot_rates --figure mean_rates --format svg SESSION_DIR"},
       .add_options = [&](CLI::App& app,
                          auto& overrides) { plot_rates::add_options(app, options, overrides); }},
      {.name = "plot_rates",
       .run = [&](const run::Context& context,
                  const auto& session) { return plot_rates::run(context, session, options); },
       .touches = {artifact::bins, artifact::model, artifact::rates},
       .verify_more = [](const run::Context&, const auto& session) { plot_rates::verify_pictures(session); },
       .after_sessions = plot_rates::write_dataset_page});
}
