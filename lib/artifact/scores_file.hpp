#pragma once

#include <optional>
#include <string>
#include <vector>

#include "h5/file.hpp"
#include "inference/leak_test.hpp"
#include "inference/session_scores.hpp"

namespace rnn_rates::artifact {

// The scores in rates.h5: /scores, a table for each fit, /metrics and /verdicts. Reading throws Error(input).

void write_score_table(h5::File& file, const inference::ScoreTable& table);
void write_metrics(h5::File& file, const std::vector<inference::Metric>& metrics);
void write_verdict(h5::File& file, const inference::FitVerdict& verdict);

/// Tables of the fits that have one, in natural order of the fits' names.
std::vector<inference::ScoreTable> read_score_tables(const h5::File& file);
std::vector<inference::Metric> read_metrics(const h5::File& file);
/// In natural order of the fits' names.
std::vector<inference::FitVerdict> read_verdicts(const h5::File& file);
inference::SessionScores read_scores(const h5::File& file);

/// The method called `name` in `object`.
inference::Method read_method(const h5::File& file, const std::string& object, const std::string& name);

// /leak_test in rates.h5.

void write_leak_test(h5::File& file, const inference::LeakTest& test);
/// Nothing where it was not run. Throws Error(input).
std::optional<inference::LeakTest> read_leak_test(const h5::File& file);

}  // namespace rnn_rates::artifact
