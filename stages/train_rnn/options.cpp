#include "train_rnn/options.hpp"

#include "cli/options.hpp"

namespace rnn_rates::train_rnn {

void add_options(CLI::App& app, std::vector<std::string>& overrides) {
  cli::add_text_setting(app, "engine", "train.engine", "auto, fused (CPU) or libtorch (any device)",
                        overrides);
  cli::add_text_setting(app, "device", "train.device", "cpu, cuda or cuda:N", overrides);
}

}  // namespace rnn_rates::train_rnn
