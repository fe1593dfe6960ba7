#pragma once

#include <string>
#include <vector>

#include "plot/picture.hpp"

namespace rnn_rates::plot {

/// One score of several methods, such as bits per spike.
struct ScoreGroup {
  std::string title;  ///< the score, with its unit
  std::vector<std::string> methods;
  std::vector<double> values;  ///< (method) NaN where there is none
  std::vector<bool> ours;      ///< (method) drawn in colour, the baselines in grey
};

/// A row for each method with its value as a bar and in digits, best first, a panel for each group. Throws
/// Error(bug) without groups or where lengths disagree.
Picture scores_picture(const std::string& session, const std::vector<ScoreGroup>& groups);

/// One score of each session of a dataset.
struct SessionScores {
  std::string title;
  std::vector<double> values;  ///< (session) NaN where there is none
};

/// A row for each session, a panel with dots for each score. Throws Error(bug) where lengths disagree.
Picture sessions_picture(const std::string& dataset, const std::vector<std::string>& sessions,
                         const std::vector<SessionScores>& scores);

}  // namespace rnn_rates::plot
