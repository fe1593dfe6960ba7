#include "infer_write/options.hpp"

#include <CLI/CLI.hpp>

namespace rnn_rates::infer_write {

void add_options(CLI::App& app, Options& options) {
  auto* publish = app.add_flag("--publish", options.publish,
                               "also put the rates into the session's own file, as /rnn_output, by a copy");
  app.add_option("--input", options.input, "which .h5 of the session folder, where it has several")
      ->type_name("FILE")
      ->needs(publish);
}

}  // namespace rnn_rates::infer_write
