#include "inference/tuning.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/stop_token.hpp"
#include "inference/held_out_grus.hpp"
#include "inference/independent_runs.hpp"
#include "inference/networks.hpp"
#include "inference/predict.hpp"
#include "neural/hidden.hpp"
#include "neural/observed.hpp"
#include "neural/rates.hpp"

namespace rnn_rates::inference {
namespace {

/// (trial, unit, bin) 1 where the network of the fold did not learn from the entry.
Array<std::uint8_t, 3> held_out_entries(const FitData& data, std::optional<std::uint32_t> fold) {
  const auto [trials, units, bins] = data.counts.shape();
  const std::vector<std::uint32_t>& test = data.fit.test_trials;
  Array<std::uint8_t, 3> held_out(data.counts.shape());
  for (std::size_t trial = 0; trial < trials; ++trial) {
    const bool is_test = std::find(test.begin(), test.end(), trial) != test.end();
    for (std::size_t unit = 0; unit < units; ++unit) {
      for (std::size_t bin = 0; bin < bins; ++bin)
        held_out(trial, unit, bin) = fold ? data.fit.folds.of(trial, bin) == *fold : is_test;
    }
  }
  return held_out;
}

/// Without any spikes, nothing is known.
double bits_of(const Runs& runs) {
  const double bits = neural::bits_per_spike(runs);
  return std::isnan(bits) ? -HUGE_VAL : bits;
}

}  // namespace

Runs held_out_information(const FitData& data, const FitModel& model, std::optional<std::uint32_t> fold,
                          const std::stop_token& stop) {
  const std::vector<FitModel> for_each_fold(data.fit.folds.count(), model);
  const Networks networks = make_networks(data, for_each_fold, Weights::best);
  const HeldOutGrus predict(data, std::get<MaskedGrus>(networks), stop);
  const std::size_t number = fold.value_or(0);
  const Array<std::uint8_t, 3> parts = hidden_parts(data);
  const auto last = *std::max_element(parts.values().begin(), parts.values().end());
  const auto hz = static_cast<float>(1000.0 / data.bin_ms());
  Array<float, 3> predicted_hz(data.counts.shape());
  for (std::size_t part = 0; part <= last; ++part) {
    end_if_stopped(stop);
    const Array<float, 3> log_rates = predict.outputs(number, neural::hide_part(parts, part)).log_rates;
    for (std::size_t i = 0; i < predict.trials(number).size(); ++i) {
      const std::size_t trial = predict.trials(number)[i];
      for (std::size_t unit = 0; unit < parts.extent(1); ++unit) {
        for (std::size_t bin = 0; bin < parts.extent(2); ++bin) {
          if (parts(trial, unit, bin) == part)
            predicted_hz(trial, unit, bin) = std::exp(log_rates(bin, i, unit)) * hz;
        }
      }
    }
  }
  Array<float, 3> observed_hz = neural::rate_hz(data.counts, data.bin_ms());
  neural::leave_unobserved_open(observed_hz, data.observed);
  return neural::information_of_runs(predicted_hz, observed_hz, held_out_entries(data, fold),
                                     independent_runs(data));
}

Difference difference(const Runs& runs, const Runs& others) {
  Runs differences = runs;
  for (std::size_t i = 0; i < runs.size(); ++i) differences[i].bits -= others[i].bits;
  return {neural::bits_per_spike(differences), neural::bits_per_spike_error(differences)};
}

std::vector<std::size_t> best_of(std::span<const Runs> candidates, std::size_t count) {
  std::vector<std::size_t> places(candidates.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    return bits_of(candidates[a]) > bits_of(candidates[b]);
  });
  places.resize(std::min(count, places.size()));
  if (std::find(places.begin(), places.end(), 0) == places.end()) places.push_back(0);
  std::sort(places.begin(), places.end());
  return places;
}

std::size_t winner(std::span<const Runs> candidates) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < candidates.size(); ++i) {
    if (bits_of(candidates[i]) > bits_of(candidates[best])) best = i;
  }
  const Difference won = difference(candidates[best], candidates[0]);
  return won.bits > won.standard_error ? best : 0;
}

}  // namespace rnn_rates::inference
