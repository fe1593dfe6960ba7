// Time of one training step of the masked GRU as in configs/best.toml (40 units, 120 bins, batches of 32 of
// 90 trials), one core: engines and instruction sets.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "rnn/fused/fused_engine.hpp"
#include "rnn/torch/torch_engine.hpp"
#include "support/noise_counts.hpp"

namespace {

using namespace rnn_rates;
using Clock = std::chrono::steady_clock;

double median_step_ms(rnn::Engine& engine, std::size_t repeats) {
  std::vector<double> took_ms;
  for (std::size_t i = 0; i < repeats + 5; ++i) {
    const auto start = Clock::now();
    engine.train_step();
    if (i >= 5) took_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::nth_element(took_ms.begin(), took_ms.begin() + static_cast<std::ptrdiff_t>(repeats / 2),
                   took_ms.end());
  return took_ms[repeats / 2];
}

}  // namespace

int main() {
  constexpr std::size_t units = 40, bins = 120, trials = 90, batch = 32;
  const rnn::GruShape shape{units, 32, 2, 16};
  const rnn::MaskedGruOptions options{.optimizer = {.weight_decay = 1e-3, .clip = 5, .cosine_steps = 500},
                                      .dropout = 0.4,
                                      .batch = batch,
                                      .seed = 1};
  const rnn::CountData train = test::noise_counts(units, bins, trials, 1);
  const std::vector<float> weights = test::start_weights(shape, 1);
  // Multiplications and additions: forward once, backward twice, but for the gradient at the input.
  const double input = static_cast<double>(shape.directions * 3 * shape.hidden * shape.inputs());
  const double rest = static_cast<double>(shape.directions * 3 * shape.hidden * shape.hidden +
                                          shape.states() * shape.rank + shape.rank * units);
  const double flops = 2.0 * static_cast<double>(bins * batch) * (2.0 * input + 3.0 * rest);
  const auto row = [&](const std::string& engine, const std::string& isa, rnn::Engine& made,
                       std::size_t repeats) {
    const double step_ms = median_step_ms(made, repeats);
    fmt::print("{:<9} {:<10} {:>8.2f} ms a step {:>7.1f} GFLOP/s\n", engine, isa, step_ms,
               flops / step_ms * 1e-6);
  };
  for (const std::string& isa : rnn::usable_isas()) {
    const auto engine = rnn::make_fused_engine(shape, options, train, {}, weights, isa);
    row("fused", isa, *engine, 100);
  }
  const auto torch = rnn::make_torch_engine(shape, options, train, {}, weights);
  row("libtorch", "", *torch, 10);
}
