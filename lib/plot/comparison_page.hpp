#pragma once

#include <array>
#include <string>
#include <vector>

#include "plot/dataset_page.hpp"

namespace rnn_rates::plot {

/// A session of which two runs have results: of each run, in the same order, its page and its scores.
struct ComparedSession {
  std::string session;
  std::array<std::string, 2> pages;  ///< relative to the page that compares them
  std::array<PageVerdict, 2> verdicts;
  std::array<DatasetValue, 2> bits_per_hidden_spike;
  std::array<DatasetValue, 2> bits_over_best_simple;
};

struct ComparedSetting {
  std::string key;
  std::array<std::string, 2> values;
};

struct ComparisonPage {
  std::array<std::string, 2> runs;        ///< what they are called
  std::vector<ComparedSetting> settings;  ///< those that differ
  std::vector<ComparedSession> sessions;
};

/// compare.html: settings that differ, scores in pairs, and the pages of one session side by side, of which
/// each follows what is chosen in the other.
std::string comparison_page_html(const ComparisonPage& page);

}  // namespace rnn_rates::plot
