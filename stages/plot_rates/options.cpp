#include "plot_rates/options.hpp"

#include "cli/stage.hpp"

namespace rnn_rates::plot_rates {

void add_options(CLI::App& app, std::vector<std::string>& overrides) {
  cli::add_text_setting(app, "format", "plots.format", "png, svg or pdf", overrides);
}

}  // namespace rnn_rates::plot_rates
