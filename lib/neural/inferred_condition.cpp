#include "neural/inferred_condition.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/stop_token.hpp"
#include "neural/condition_average.hpp"

namespace rnn_rates::neural {

namespace {

constexpr double floor_hz = 0.1;
/// What a log-likelihood counts for: trials of a condition differ by more than Poisson spikes do.
constexpr double certainty = 0.5;

/// (trial) 0 to conditions - 1, whatever the conditions are called.
std::vector<std::size_t> number_conditions(std::span<const std::uint32_t> trial_condition) {
  std::vector<std::uint32_t> names(trial_condition.begin(), trial_condition.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<std::size_t> numbers;
  numbers.reserve(trial_condition.size());
  for (const std::uint32_t condition : trial_condition) {
    numbers.push_back(
        static_cast<std::size_t>(std::lower_bound(names.begin(), names.end(), condition) - names.begin()));
  }
  return numbers;
}

/// What was seen in the trials of each condition, (condition, unit, bin).
class ConditionSums {
 public:
  ConditionSums(const SpikesSeen& kept, const std::vector<std::size_t>& trial_condition,
                std::size_t conditions)
      : kept_(kept), trial_condition_(trial_condition) {
    const auto [trials, units, bins] = kept.spikes.shape();
    sums_ = {Array<float, 3>({conditions, units, bins}), Array<float, 3>({conditions, units, bins})};
    for (std::size_t trial = 0; trial < trials; ++trial) add(trial, 1.0f);
  }
  void leave_out(std::size_t trial) { add(trial, -1.0f); }
  const SpikesSeen& sums() const { return sums_; }

 private:
  void add(std::size_t trial, float sign) {
    const std::size_t per_trial = sums_.spikes.extent(1) * sums_.spikes.extent(2);
    const std::size_t from = trial * per_trial, to = trial_condition_[trial] * per_trial;
    for (std::size_t i = 0; i < per_trial; ++i) {
      sums_.spikes.values()[to + i] += sign * kept_.spikes.values()[from + i];
      sums_.bins.values()[to + i] += sign * kept_.bins.values()[from + i];
    }
  }

  const SpikesSeen& kept_;
  const std::vector<std::size_t>& trial_condition_;
  SpikesSeen sums_;
};

/// Averages of conditions, (condition, unit, bin), as rates and as what spike counts are held against.
struct Averages {
  explicit Averages(Array<float, 3> averages_hz, double bin_ms)
      : rate_hz(std::move(averages_hz)), count(rate_hz.shape()), log_count(rate_hz.shape()) {
    for (std::size_t i = 0; i < rate_hz.size(); ++i) {
      const double expected = std::max(double{rate_hz.values()[i]}, floor_hz) * bin_ms / 1000.0;
      count.values()[i] = static_cast<float>(expected);
      log_count.values()[i] = static_cast<float>(std::log(expected));
    }
  }
  Array<float, 3> rate_hz, count, log_count;
};

/// (condition, bin) how probable each condition is by the spikes up to the bin; `prior` (condition).
Array<double, 2> probabilities(const Averages& averages, const SpikesSeen& kept, std::size_t trial,
                               std::span<const double> prior) {
  const auto [conditions, units, bins] = averages.count.shape();
  Array<double, 2> result({conditions, bins});
  for (std::size_t condition = 0; condition < conditions; ++condition) {
    double* log_likelihood = &result(condition, 0);
    for (std::size_t unit = 0; unit < units; ++unit) {
      const float* spikes = &kept.spikes(trial, unit, 0);
      const float* seen = &kept.bins(trial, unit, 0);
      const float* count = &averages.count(condition, unit, 0);
      const float* log_count = &averages.log_count(condition, unit, 0);
      for (std::size_t bin = 0; bin < bins; ++bin)
        log_likelihood[bin] += spikes[bin] * log_count[bin] - seen[bin] * count[bin];
    }
    double so_far = std::log(prior[condition]);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      so_far += certainty * log_likelihood[bin];
      log_likelihood[bin] = so_far;
    }
  }
  for (std::size_t bin = 0; bin < bins; ++bin) {
    double most = result(0, bin), sum = 0.0;
    for (std::size_t condition = 1; condition < conditions; ++condition)
      most = std::max(most, result(condition, bin));
    for (std::size_t condition = 0; condition < conditions; ++condition)
      sum += result(condition, bin) = std::exp(result(condition, bin) - most);
    for (std::size_t condition = 0; condition < conditions; ++condition) result(condition, bin) /= sum;
  }
  return result;
}

/// Adds the averages, each weighted by how probable its condition is, to the rates of the trial.
void add_weighted(const Averages& averages, const Array<double, 2>& probability, std::size_t trial,
                  Array<float, 3>& rates_hz) {
  const auto [conditions, units, bins] = averages.rate_hz.shape();
  for (std::size_t condition = 0; condition < conditions; ++condition) {
    for (std::size_t unit = 0; unit < units; ++unit) {
      for (std::size_t bin = 0; bin < bins; ++bin) {
        rates_hz(trial, unit, bin) +=
            static_cast<float>(probability(condition, bin)) * averages.rate_hz(condition, unit, bin);
      }
    }
  }
}

}  // namespace

Array<float, 3> predict_inferred_condition(const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
                                           std::span<const std::uint32_t> trial_condition, double bin_ms,
                                           std::span<const std::vector<std::uint32_t>> overlapping,
                                           const KernelGrid& grid, const std::stop_token& stop) {
  const SpikesSeen same_condition = in_other_trials(counts, hidden, trial_condition, overlapping);
  const std::vector<Kernel> kernels =
      choose_kernels(counts, hidden, bin_ms, grid, same_condition, OwnBin::used, stop);
  const std::vector<double> means_hz = mean_kept_rate_hz(counts, hidden, bin_ms);
  const SpikesSeen kept = kept_counts(counts, hidden);
  const std::vector<std::size_t> condition_of = number_conditions(trial_condition);
  std::vector<double> sizes(*std::max_element(condition_of.begin(), condition_of.end()) + 1, 0.0);
  for (const std::size_t condition : condition_of) sizes[condition] += 1.0;
  const ConditionSums all(kept, condition_of, sizes.size());
  const auto averages_of = [&](const ConditionSums& seen) {
    return Averages(kernel_rate_hz(means_hz, bin_ms, kernels, seen.sums()), bin_ms);
  };
  Array<float, 3> rates_hz(counts.shape());
  const auto weigh = [&](std::size_t trial, const Averages& averages) {
    add_weighted(averages, probabilities(averages, kept, trial, sizes), trial, rates_hz);
  };
  // As trials stand in the order of conditions, those that lie so far apart are of different ones.
  const auto groups = static_cast<std::size_t>(*std::max_element(sizes.begin(), sizes.end()));
  for (std::size_t group = 0; group < groups; ++group) {
    end_if_stopped(stop);
    ConditionSums others = all;
    for (std::size_t trial = group; trial < counts.extent(0); trial += groups) others.leave_out(trial);
    const Averages averages = averages_of(others);
    for (std::size_t trial = group; trial < counts.extent(0); trial += groups) {
      if (overlapping.empty() || overlapping[trial].empty()) {
        weigh(trial, averages);
        continue;
      }
      ConditionSums apart = others;
      for (const std::uint32_t other : overlapping[trial]) {
        if (other % groups != group) apart.leave_out(other);
      }
      weigh(trial, averages_of(apart));
    }
  }
  return rates_hz;
}

}  // namespace rnn_rates::neural
