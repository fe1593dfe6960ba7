#include "cli/run_stage.hpp"
#include "extract_bins/options.hpp"
#include "extract_bins/run.hpp"

int main(int argc, char** argv) {
  using namespace rnn_rates;
  extract_bins::Options options;
  return cli::run_stage(
      argc, argv,
      {.summary = "Bins the spikes of recording sessions into bins.h5.",
       .examples = {"extract_bins -c configs/reference.toml SESSION_DIR",
                    "extract_bins --set bin_ms=50 -o results --manifest sessions.tsv"},
       .add_options = [&](CLI::App& app,
                          auto& overrides) { extract_bins::add_options(app, options, overrides); }},
      {.name = "extract_bins",
       .run = [&](const run::Context& context,
                  const auto& session) { return extract_bins::run(context, session, options); },
       .touches = {artifact::bins},
       .verify_more = [&](const run::Context& context,
                          const auto& session) { extract_bins::verify_recording(context, session, options); },
       .run_without_session = [&](const auto& context) { return extract_bins::simulate(context, options); }});
}
