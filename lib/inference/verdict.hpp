#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/choices.hpp"
#include "inference/score_table.hpp"

namespace rnn_rates::inference {

/// Whether a fit's rates can be relied on, the best first.
enum class Verdict : std::uint8_t { good, use_with_care, do_not_use };

/// What a verdict on a fit is found from.
struct Evidence {
  std::optional<MethodScore> published;  ///< none where no trial was held out
  std::optional<MethodScore> simple;     ///< the best simple method
  std::size_t trials = 0;
  double spikes_per_unit = 0;  ///< median over units, of all trials
  double drift = 0;  ///< root mean square over units of the log change of rate, see Evidence's maker
  double spread_of_gains = 0;  ///< standard deviation of the log of the gains that the rates follow
  std::size_t networks = 0;
  std::size_t stalled_networks = 0;  ///< best at their start or first validation
};

/// The verdict on one fit, or on the whole "session", and one sentence that says why and what to do.
struct FitVerdict {
  std::string fit;
  Verdict verdict = Verdict::good;
  std::string why;
};

/// Goes through the rules of docs/reading_results.md and takes the most severe that applies; of several, the
/// first.
FitVerdict judge(const std::string& fit, const Evidence& evidence);

/// The verdict on a session whose rates tell what they must not, in these sentences; none without any.
std::optional<FitVerdict> judge_leaks(const std::vector<std::string>& warnings);

/// The verdict on a session: the most severe on its fits, of several the first; null where there is none.
const FitVerdict* worst(const std::vector<FitVerdict>& verdicts);

}  // namespace rnn_rates::inference

namespace rnn_rates {

template <>
inline constexpr auto words_of<inference::Verdict> = words("good", "use with care", "do not use");

}  // namespace rnn_rates
