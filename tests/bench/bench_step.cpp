// Time of one training step (forward, backward, Adam; dropout 0.2), one core.
//   bench_step                          the table: engines, instruction sets, sizes
//   bench_step ENGINE ISA TRIALS COMPONENTS   one line of JSON; ENGINE fused or libtorch

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "rnn/fused/fused_engine.hpp"
#include "rnn/torch/torch_engine.hpp"
#include "support/noise_data.hpp"

namespace {

using namespace rnn_rates;
using Clock = std::chrono::steady_clock;

constexpr std::size_t bins = 116, hidden = 8;

struct Timing {
  double median_ms, least_ms;
};

template <class Work>
Timing time_of(std::size_t repeats, Work&& work) {
  std::vector<double> took_ms;
  for (std::size_t i = 0; i < repeats + 20; ++i) {
    const auto start = Clock::now();
    work();
    if (i >= 20) took_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::sort(took_ms.begin(), took_ms.end());
  return {took_ms[took_ms.size() / 2], took_ms.front()};
}

Timing time_step(const std::string& engine, const std::string& isa, std::size_t trials,
                 std::size_t components) {
  const rnn::AutoencoderShape shape{components + 2, hidden, components, 2};
  const rnn::AutoencoderOptions options{.dropout = 0.2, .seed = 1};
  const rnn::AutoencoderData data = test::noise_data(shape, bins, trials, 1);
  const std::vector<float> weights = rnn::initial_weights(parameters(shape), 1);
  const auto made = engine == "fused" ? rnn::make_fused_engine(shape, options, data, {}, weights, isa)
                                      : rnn::make_torch_engine(shape, options, data, {}, weights);
  return time_of(engine == "fused" ? 1000 : 100, [&] { made->train_step(); });
}

/// Multiplications and additions of a step's matrix products: forward once, backward twice, but for the
/// gradient at the network's input, which nobody needs.
double flops(std::size_t trials, std::size_t components) {
  const rnn::AutoencoderShape s{components + 2, hidden, components, 2};
  const double first = static_cast<double>(s.inputs * s.encoder_mid());
  const double all = first + static_cast<double>(s.encoder_mid() * hidden + s.layers * 2 * hidden * hidden +
                                                 hidden * s.decoder_mid() + s.decoder_mid() * s.outputs);
  return 2.0 * static_cast<double>(bins * trials) * (3.0 * all - first);
}

/// Multiply-adds that one core can do, measured on registers alone: chains that do not depend on each other.
/// 12 vectors of them keep two units busy for the four cycles that one takes.
template <std::size_t lanes>
[[gnu::always_inline]] inline double chains_gflops() {
  constexpr std::size_t chains = 12 * lanes, rounds = 400000;
  static float totals[chains];
  for (float& total : totals) total = 1.0f;
  const auto start = Clock::now();
  float value[chains];
  for (std::size_t i = 0; i < chains; ++i) value[i] = totals[i];
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < chains; ++i) value[i] = __builtin_fmaf(value[i], 0.999999f, 1e-7f);
  }
  for (std::size_t i = 0; i < chains; ++i) totals[i] = value[i];
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return 2.0 * static_cast<double>(chains * rounds) / seconds * 1e-9;
}

#if defined(__x86_64__)
[[gnu::target("arch=x86-64-v4,prefer-vector-width=512")]] double gflops_512() { return chains_gflops<16>(); }
[[gnu::target("arch=x86-64-v3")]] double gflops_256() { return chains_gflops<8>(); }

/// In the widest vectors of the machine; 0 without fused multiply-adds.
double peak_gflops() {
  const std::string isa = rnn::usable_isas().front();
  return isa == "x86-64-v4" ? gflops_512() : isa == "x86-64-v3" ? gflops_256() : 0.0;
}
#else
double peak_gflops() { return chains_gflops<4>(); }
#endif

}  // namespace

int main(int argc, char** argv) {
  if (argc == 5) {
    const auto trials = std::strtoul(argv[3], nullptr, 10), components = std::strtoul(argv[4], nullptr, 10);
    const Timing timing =
        time_step(argv[1], std::string(argv[2]) == "best" ? "" : argv[2], trials, components);
    fmt::print("{{\"step_ms\": {:.5f}, \"step_ms_min\": {:.5f}}}\n", timing.median_ms, timing.least_ms);
    return 0;
  }
  const double peak = peak_gflops();
  fmt::print("multiply-add peak of one core: {:.0f} GFLOP/s\n", peak);
  fmt::print("{:<9} {:<10} {:>6} {:>10} {:>6} {:>10} {:>8} {:>8}\n", "engine", "isa", "trials", "components",
             "hidden", "ms a step", "GFLOP/s", "of peak");
  for (const auto& [trials, components] : {std::pair{22ul, 30ul}, {90ul, 51ul}}) {
    const auto row = [&, trials = trials, components = components](const std::string& engine,
                                                                   const std::string& isa) {
      const Timing timing = time_step(engine, isa, trials, components);
      const double rate = flops(trials, components) / timing.median_ms * 1e-6;
      fmt::print("{:<9} {:<10} {:>6} {:>10} {:>6} {:>10.3f} {:>8.1f} {:>7.0f}%\n", engine, isa, trials,
                 components, hidden, timing.median_ms, rate, 100 * rate / peak);
    };
    for (const std::string& isa : rnn::usable_isas()) row("fused", isa);
    row("libtorch", "");
  }
}
