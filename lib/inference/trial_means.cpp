#include "inference/trial_means.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace rnn_rates::inference {
namespace {

/// The bins that lie within these limits.
Part part_within(std::span<const double> time_ms, double bin_ms, double from_ms, double to_ms) {
  Part part;
  const auto starts_before = [&](double centre_ms, double limit_ms) {
    return centre_ms - bin_ms / 2 < limit_ms;
  };
  const auto ends_within = [&](double limit_ms, double centre_ms) {
    return limit_ms < centre_ms + bin_ms / 2;
  };
  part.first = static_cast<std::size_t>(
      std::lower_bound(time_ms.begin(), time_ms.end(), from_ms, starts_before) - time_ms.begin());
  part.end = static_cast<std::size_t>(std::upper_bound(time_ms.begin(), time_ms.end(), to_ms, ends_within) -
                                      time_ms.begin());
  part.end = std::max(part.first, part.end);
  if (!part.empty()) part.limits_ms = {time_ms[part.first] - bin_ms / 2, time_ms[part.end - 1] + bin_ms / 2};
  return part;
}

/// Over the part's bins of a row (bin) that were observed.
template <class T>
float mean_of(const T* row, const std::uint8_t* observed, const Part& part, double scale) {
  double sum = 0, bins = 0;
  for (std::size_t bin = part.first; bin < part.end; ++bin) {
    if (observed != nullptr && observed[bin] == 0) continue;
    sum += static_cast<double>(row[bin]);
    bins += 1;
  }
  return static_cast<float>(sum / bins * scale);
}

/// Takes away from `unit`'s means what the trials of each fold, `rows` (trial), differ from the others by:
/// each network is off by something of its own, in all trials that it did not see.
void remove_fold_offsets(const neural::Folds& folds, const std::vector<std::size_t>& rows, std::size_t unit,
                         Array<float, 2>& means) {
  std::vector<double> sum(folds.count(), 0.0), trials(folds.count(), 0.0);
  for (std::size_t trial = 0; trial < rows.size(); ++trial) {
    if (std::isnan(means(rows[trial], unit))) continue;
    sum[folds.fold[trial]] += double{means(rows[trial], unit)};
    trials[folds.fold[trial]] += 1.0;
  }
  const double of_all =
      std::accumulate(sum.begin(), sum.end(), 0.0) / std::accumulate(trials.begin(), trials.end(), 0.0);
  for (std::size_t trial = 0; trial < rows.size(); ++trial) {
    const std::size_t fold = folds.fold[trial];
    means(rows[trial], unit) -= static_cast<float>(sum[fold] / trials[fold] - of_all);
  }
}

}  // namespace

Parts parts_of_trial(std::span<const double> time_ms, double bin_ms) {
  if (time_ms.empty()) return {};
  constexpr double earliest_ms = -500, latest_ms = 1000;
  const double from_ms = std::max(earliest_ms, time_ms.front() - bin_ms / 2);
  Parts parts{.before = part_within(time_ms, bin_ms, from_ms, from_ms / 2),
              .after = part_within(time_ms, bin_ms, 0, latest_ms),
              .whole = part_within(time_ms, bin_ms, -std::numeric_limits<double>::infinity(),
                                   std::numeric_limits<double>::infinity())};
  if (parts.before.empty()) parts.before = part_within(time_ms, bin_ms, from_ms, 0);
  return parts;
}

TrialMeans::TrialMeans(std::span<const Array<std::uint16_t, 3>> taste_counts,
                       std::span<const neural::Observed> taste_observed, double bin_ms)
    : taste_counts_(taste_counts), taste_observed_(taste_observed), bin_ms_(bin_ms) {
  for (std::size_t taste = 0; taste < taste_counts.size(); ++taste)
    trial_taste_.insert(trial_taste_.end(), taste_counts[taste].extent(0), static_cast<std::uint32_t>(taste));
}

void TrialMeans::add(const FitRates& rates) {
  parts_ = parts_of_trial(rates.time_ms, bin_ms_);
  const std::size_t units = taste_counts_.front().extent(1);
  const Array<float, 2> none({trial_taste_.size(), units}, std::numeric_limits<float>::quiet_NaN());
  const auto means_of = [&](Teller teller) -> PartMeans& {
    return means_.try_emplace(teller, PartMeans{none, none, none}).first->second;
  };
  std::vector<std::size_t> seen(taste_counts_.size(), 0), rows;
  rows.reserve(rates.trial_taste.size());
  for (std::size_t trial = 0; trial < rates.trial_taste.size(); ++trial) {
    const std::size_t taste = rates.trial_taste[trial], of_taste = seen[taste]++;
    const auto first = std::lower_bound(trial_taste_.begin(), trial_taste_.end(), taste);
    const std::size_t row = static_cast<std::size_t>(first - trial_taste_.begin()) + of_taste;
    rows.push_back(row);
    const Array<std::uint16_t, 3>& counts = taste_counts_[taste];
    const std::size_t first_bin = counts.extent(2) - rates.time_ms.size();
    for (std::size_t i = 0; i < rates.units.size(); ++i) {
      const std::size_t unit = rates.units[i];
      const std::uint8_t* observed = taste_observed_.empty() || taste_observed_[taste].size() == 0
                                         ? nullptr
                                         : &taste_observed_[taste](of_taste, unit, first_bin);
      const auto set = [&](Teller teller, const auto* values, double scale) {
        PartMeans& means = means_of(teller);
        means.before(row, unit) = mean_of(values, observed, parts_.before, scale);
        means.after(row, unit) = mean_of(values, observed, parts_.after, scale);
        means.whole(row, unit) = mean_of(values, observed, parts_.whole, scale);
      };
      set(Teller::counts, &counts(of_taste, unit, first_bin), 1000.0 / bin_ms_);
      set(Teller::rate_hz, &rates.rate_hz(trial, i, 0), 1.0);
      if (rates.folds) set(Teller::rate_out_of_fold_hz, &rates.folds->rate_out_of_fold_hz(trial, i, 0), 1.0);
    }
  }
  if (!rates.folds || rates.folds->folds.over != neural::Folds::Over::trials) return;
  for (const std::uint32_t unit : rates.units)
    remove_fold_offsets(rates.folds->folds, rows, unit, means_of(Teller::rate_out_of_fold_hz).whole);
}

}  // namespace rnn_rates::inference
