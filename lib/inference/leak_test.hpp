#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "inference/score_table.hpp"
#include "inference/trial_means.hpp"

namespace rnn_rates::inference {

/// Largest p-value that a leak may have: one session in a hundred without any is warned of.
inline constexpr double leak_p_value = 0.01;

/// How well the condition of single trials is told from one teller's mean rates, units as features.
struct ConditionTold {
  Teller teller = Teller::counts;
  double accuracy_before = 0;  ///< share of trials told right before the stimulus
  double accuracy_after = 0;   ///< and after it
  /// How often chance lets rates tell as much more than the counts before the stimulus; NaN of the counts.
  double p_value = std::numeric_limits<double>::quiet_NaN();
};

/// How what is left of two regions' single trials, without their condition's average, is correlated.
struct RegionsCorrelated {
  Teller teller = Teller::counts;
  std::string first, second;  ///< regions
  double correlation = 0;     ///< see held_out_canonical_correlation()
  /// How often chance makes rates correlate as much more than the counts, in any pair; NaN of the counts.
  double p_value = std::numeric_limits<double>::quiet_NaN();
};

/// Whether a session's rates tell what they must not: before the stimulus, the condition; of one region,
/// another. Rates that know no more than spikes before the stimulus tell no more than counts do.
struct LeakTest {
  std::array<double, 2> before_ms = {0, 0}, after_ms = {0, 0};  ///< what was averaged, from the stimulus
  std::size_t trials = 0, conditions = 0;
  double chance = 0;                            ///< share of the largest condition
  bool joint_regions = false;                   ///< rates of one region read spikes of another
  std::vector<ConditionTold> conditions_told;   ///< the counts first; empty where not run
  std::vector<RegionsCorrelated> correlations;  ///< pair by pair, the counts first
};

/// Nothing where no two conditions have three trials each. The condition is decoded before the stimulus where
/// the window begins before it. A p-value is the share of `permutations` shufflings, the right order among
/// them, after which what rates tell beyond counts (and beyond chance) is at least what it is: of conditions
/// over trials, and of each region's trials within their condition. `unit_region` (unit).
std::optional<LeakTest> leak_test(const TrialMeans& means, const std::vector<std::string>& unit_region,
                                  bool joint_regions, std::size_t permutations = 199);

/// What stands in the place of a fit in the numbers of the leak test, which are of the whole session.
inline constexpr const char* leak_test_name = "leak_test";
std::vector<Metric> metrics_of(const LeakTest& test);

/// A sentence for each leak that was found.
std::vector<std::string> warnings_of(const LeakTest& test);

}  // namespace rnn_rates::inference
