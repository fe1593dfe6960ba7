#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "artifact/bins_file.hpp"
#include "artifact/scores_file.hpp"
#include "h5/file.hpp"
#include "inference/fit_rates.hpp"
#include "inference/fit_result.hpp"

namespace rnn_rates::artifact {

/// A fit and the number of its folds, 1 without folds.
struct FitFolds {
  std::string name;
  std::size_t folds;
};

/// Writes /rnn_output/regions/<fit>/..., laid out as the Python program does through PyTables, /combination,
/// /scores, /baselines, /metrics and /verdicts of the fit.
void write_fit(h5::File& file, const inference::FitResult& fit);
/// Writes, beside the rates of a fit that is in the file already, which trials and units of the session they
/// are of: `trials`, `trial_row`, `trial_time_s`, `trial_taste_name` and `unit_region`.
void write_labels(h5::File& file, const std::string& fit, const SessionBins& bins);
/// Writes what is of no fit: the marks of the groups, what the recording says of units and trials, and
/// metrics of the whole session.
void write_session(h5::File& file, const SessionBins& bins, const std::vector<inference::Metric>& metrics);

/// Copies all that write_fit() wrote of a fit into another file, without holding it in memory.
void copy_fit(const h5::File& from, const std::string& name, h5::File& to);

/// Whether simpler methods were computed too. Throws Error(input), as do the next ones.
bool has_baselines(const h5::File& file);
/// The fits in natural order of their names, without reading any rates:
std::vector<FitFolds> rates_fits(const h5::File& file);
inference::FitRates read_fit_rates(const h5::File& file, const std::string& name);
/// In the order of rates_fits().
std::vector<inference::FitRates> read_rates(const h5::File& file);

}  // namespace rnn_rates::artifact
