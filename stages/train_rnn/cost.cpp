#include "train_rnn/cost.hpp"

#include "rnn/network.hpp"
#include "train_rnn/choose_engine.hpp"

namespace rnn_rates::train_rnn {

cli::Part expected_cost(const artifact::FitOutline& fit, const config::Config& config) {
  constexpr double fused_s = 1e-10, libtorch_s = 1e-9;
  const rnn::NetworkShape shape{fit.components + 2, static_cast<std::size_t>(config.model.hidden_size),
                                fit.components, static_cast<std::size_t>(config.model.layers)};
  const double lanes = static_cast<double>(fit.trials * fit.bins);
  const double weights = static_cast<double>(rnn::parameter_count(shape));
  const double steps = static_cast<double>(config.train.steps);
  const bool fused = choose_engine(config.train).name == "fused";
  return {.name = fit.name,
          .cost_s = steps * lanes * weights * (fused ? fused_s : libtorch_s),
          .units = static_cast<std::uint64_t>(config.train.steps)};
}

}  // namespace rnn_rates::train_rnn
