#include "plot_rates/options.hpp"

#include <CLI/CLI.hpp>

#include "cli/options.hpp"
#include "config/keys.hpp"

namespace rnn_rates::plot_rates {

void add_options(CLI::App& app, Options& options, std::vector<std::string>& overrides) {
  cli::add_text_setting(app, "format", "plots.format", "png, svg or pdf", overrides);
  app.add_option("--figure", options.figure, "draw this one only, beside the pictures that are there")
      ->type_name("NAME")
      ->check(CLI::IsMember(config::figure_names()));
}

}  // namespace rnn_rates::plot_rates
