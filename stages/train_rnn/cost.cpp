#include "train_rnn/cost.hpp"

#include <algorithm>

#include "rnn/gru_network.hpp"
#include "rnn/network.hpp"
#include "train_rnn/choose_engine.hpp"

namespace rnn_rates::train_rnn {

namespace {

std::size_t parameters_of(const artifact::FitOutline& fit, const config::Config& config) {
  const auto hidden = static_cast<std::size_t>(config.model.hidden_size);
  if (config.model.kind == "masked_gru") {
    return rnn::parameter_count(rnn::GruShape{.units = fit.units,
                                              .hidden = hidden,
                                              .directions = config.model.bidirectional ? 2u : 1u,
                                              .rank = static_cast<std::size_t>(config.model.rank)});
  }
  return rnn::parameter_count(rnn::NetworkShape{fit.components + 2, hidden, fit.components,
                                                static_cast<std::size_t>(config.model.layers)});
}

}  // namespace

cli::Part expected_cost(const std::string& name, const artifact::FitOutline& fit,
                        const config::Config& config) {
  constexpr double fused_s = 1e-10, libtorch_s = 1e-9;
  const bool masked = config.model.kind == "masked_gru";
  const std::size_t trials = masked && config.train.batch > 0
                                 ? std::min(fit.trials, static_cast<std::size_t>(config.train.batch))
                                 : fit.trials;
  const double lanes = static_cast<double>(trials * fit.bins);
  const double weights = static_cast<double>(parameters_of(fit, config));
  const double steps = static_cast<double>(config.train.steps);
  const bool fused = choose_engine(config.train).name == "fused";
  return {.name = name,
          .cost_s = steps * lanes * weights * (fused ? fused_s : libtorch_s),
          .units = static_cast<std::uint64_t>(config.train.steps)};
}

}  // namespace rnn_rates::train_rnn
