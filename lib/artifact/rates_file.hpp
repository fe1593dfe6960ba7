#pragma once

#include <cstddef>
#include <string>
#include <vector>

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
/// /scores, /baselines and /metrics of the fit.
void write_fit(h5::File& file, const inference::FitResult& fit);
/// Writes what is of no fit: the marks of the groups, and metrics of the whole session.
void write_session(h5::File& file, const std::vector<inference::Metric>& metrics);

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
