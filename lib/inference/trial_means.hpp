#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "core/array.hpp"
#include "core/choices.hpp"
#include "inference/fit_rates.hpp"
#include "neural/observed.hpp"

namespace rnn_rates::inference {

/// What may tell the condition of a trial: its spikes, or the rates inferred from them.
enum class Teller : std::uint8_t { counts, rate_hz, rate_out_of_fold_hz };

/// The bins of a trial that are averaged, from `first` to before `end`.
struct Part {
  std::size_t first = 0, end = 0;
  std::array<double, 2> limits_ms = {0, 0};  ///< from the stimulus

  bool empty() const { return first == end; }
};

/// The parts of trials that the leak test compares, of bins with these centres (bin) from the stimulus.
struct Parts {
  /// From 500 to 250 ms before the stimulus, so that what looks a little ahead does not count; of a window
  /// that begins later the first half of what precedes the stimulus, or all of it where that is one bin.
  Part before;
  Part after;  ///< the first second from the stimulus on
  Part whole;
};
Parts parts_of_trial(std::span<const double> time_ms, double bin_ms);

/// Mean counts or rates over one part of each trial, (trial of all tastes in order, unit of the session), NaN
/// where there are none. Of rates out of fold the whole comes without the offsets between folds, by which
/// regions would correlate.
struct PartMeans {
  Array<float, 2> before, after, whole;
};

/// All that the leak test needs of a session's rates, put together fit by fit, since no more than one fit's
/// rates are in memory.
class TrialMeans {
 public:
  /// Counts and what was observed of each taste, (trial, unit, bin); both are referred to.
  TrialMeans(std::span<const Array<std::uint16_t, 3>> taste_counts,
             std::span<const neural::Observed> taste_observed, double bin_ms);

  void add(const FitRates& rates);

  const std::map<Teller, PartMeans>& means() const { return means_; }
  const Parts& parts() const { return parts_; }
  /// (trial of all tastes in order)
  const std::vector<std::uint32_t>& trial_taste() const { return trial_taste_; }

 private:
  std::span<const Array<std::uint16_t, 3>> taste_counts_;
  std::span<const neural::Observed> taste_observed_;
  double bin_ms_;
  std::vector<std::uint32_t> trial_taste_;
  Parts parts_;
  std::map<Teller, PartMeans> means_;
};

}  // namespace rnn_rates::inference

namespace rnn_rates {

/// The tellers' names in files and tables.
template <>
inline constexpr auto words_of<inference::Teller> = words("counts", "rate_hz", "rate_out_of_fold_hz");

}  // namespace rnn_rates
