#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/array.hpp"
#include "h5/file.hpp"
#include "mpi/group.hpp"

namespace rnn_rates::artifact {

/// Inferred rates of one fit. The first `forecast` bins of the window have no prediction and are not in here.
struct FitRates {
  std::string name;                  ///< region_<r>_taste_<t>
  Array<double, 3> pred_firing;      ///< spikes per bin (trial, unit, bin)
  Array<float, 3> latent_out;        ///< (bin, trial, hidden)
  std::vector<std::int64_t> pred_x;  ///< (bin) start of each predicted bin, ms from the start of the window
  Array<float, 3> rate_hz;           ///< (trial, unit, bin)
  std::vector<double> time_ms;       ///< (bin) centre of each predicted bin, ms from the stimulus
  std::vector<std::uint32_t> units;  ///< indices into the session's units
  std::vector<std::uint32_t> trial_taste;  ///< (trial)
  std::vector<std::uint32_t> test_trials;
  // Of fits with folds; empty for others.
  std::vector<std::uint32_t> trial_fold;   ///< (trial) the fold that held it out
  std::vector<std::uint32_t> bin_fold;     ///< (bin) in its place where a single trial was cut into chops
  Array<float, 3> rate_out_of_fold_hz;     ///< (trial, unit, bin) from the network that did not see the trial
  Array<float, 3> rate_standard_error_hz;  ///< (trial, unit, bin) over folds
  // Of the masked GRU.
  Array<float, 3>
      latent_factors;  ///< (trial, factor, bin); log of spikes per bin = offset + loadings^T factors
  Array<float, 2> factor_loadings;     ///< (factor, unit)
  std::vector<float> log_rate_offset;  ///< (unit)
  // Of rates that were combined from several methods; empty for others.
  std::vector<std::string> combined_methods;  ///< (method)
  std::vector<double> combination_weights;    ///< (method)
  double combination_shift = 0;               ///< of the log rate

  bool has_folds() const { return rate_out_of_fold_hz.size() > 0; }
};

/// One number that says how good a fit's rates are.
struct Metric {
  std::string fit;
  std::string name;
  std::string meaning;
  std::string units;
  double value = 0;
};

/// How well one method predicts spikes that it did not see.
struct MethodScore {
  std::string name;              ///< "rnn" for the network, "combined", else a baseline
  double bits_per_spike = 0;     ///< against each unit's mean rate
  double co_bits_per_spike = 0;  ///< while the whole unit is hidden in the trial; NaN where that is its mean
  std::vector<double> per_unit;  ///< (unit) bits per spike; NaN for a unit without spikes
  Array<float, 3> rate_hz = {};  ///< (trial, unit, bin) a baseline's rates with nothing hidden
};

/// The methods that were scored on one fit, best first.
struct ScoreTable {
  std::string fit;
  std::vector<MethodScore> methods;
};

/// A fit and the number of its folds, 1 without folds.
struct FitFolds {
  std::string name;
  std::size_t folds;
};

/// Writes /rnn_output/regions/<fit>/..., laid out as the Python program does through PyTables, /metrics and
/// /scores.
void write_rates(h5::File& file, const std::vector<FitRates>& fits, const std::vector<Metric>& metrics,
                 const std::vector<ScoreTable>& tables);
/// The same from all ranks of `group` together: rank 0 first writes all but the large arrays with
/// `write_rates_outline`, then each rank writes its part of these, trial by trial (latent_out bin by bin).
void write_rates_outline(h5::File& file, const std::vector<FitRates>& fits,
                         const std::vector<Metric>& metrics, const std::vector<ScoreTable>& tables);
void write_rates_part(h5::File& file, const std::vector<FitRates>& fits, const mpi::Group& group);
/// Bytes of the large arrays.
std::size_t large_bytes(const std::vector<FitRates>& fits);
/// These throw Error(input).
std::vector<Metric> read_metrics(const h5::File& file);
/// Tables of the fits that have one, in natural order of the fits' names.
std::vector<ScoreTable> read_score_tables(const h5::File& file);
/// The fits in natural order of their names, without reading any rates.
std::vector<FitFolds> rates_fits(const h5::File& file);
/// In the order of rates_fits().
std::vector<FitRates> read_rates(const h5::File& file);

}  // namespace rnn_rates::artifact
