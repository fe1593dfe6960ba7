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

/// The same fit by fit from several ranks: first everything but the large arrays, as the bytes of a file of
/// its own, made on the rank that has the fit and put into the file on rank 0; then, on all ranks at once and
/// for each fit in turn, the large arrays, `fit` being null on those that do not have it.
std::string fit_outline(const inference::FitResult& fit);
void add_outline(h5::File& file, const std::string& outline);
void write_large_arrays(h5::File& file, const std::string& name, const inference::FitResult* fit);
/// Bytes of the large arrays in a file of outlines.
std::size_t large_bytes(const h5::File& file);

/// These throw Error(input). The fits in natural order of their names, without reading any rates:
std::vector<FitFolds> rates_fits(const h5::File& file);
/// In the order of rates_fits().
std::vector<inference::FitRates> read_rates(const h5::File& file);

}  // namespace rnn_rates::artifact
