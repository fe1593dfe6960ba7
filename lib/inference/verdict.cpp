#include "inference/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace rnn_rates::inference {
namespace {

struct Finding {
  Verdict verdict;
  std::string why;
};
using Found = std::optional<Finding>;

constexpr double negligible = 0.05;  ///< share of a simple method's score that makes no difference
constexpr std::size_t few_trials = 12;
constexpr double few_spikes = 50;
constexpr double much_drift = 0.5;
constexpr double large_spread = 0.1;

std::string name_of(Method method) {
  switch (method) {
    case Method::gaussian:
      return "a Gaussian kernel";
    case Method::condition_average:
      return "the condition average";
    case Method::boxcar:
      return "a boxcar";
    default:
      return std::string(word(method));
  }
}

std::string bits(const MethodScore& score) {
  return fmt::format("{:.3f} ± {:.3f}", score.bits_per_hidden_spike, score.standard_error);
}

std::string capitalised(std::string text) {
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

/// Beyond two standard errors; an error of NaN, of a single run, leaves it open.
bool is_informative(const MethodScore& score) {
  return score.bits_per_hidden_spike > 2.0 * score.standard_error;
}

Found nothing_is_scored(const Evidence& evidence) {
  if (evidence.published) return {};
  return Finding{
      Verdict::use_with_care,
      "No trial was held out, so nothing says how good these rates are: add trials, or hold some out "
      "(train.folds, train.train_test_split)."};
}

Found nothing_to_infer(const Evidence& evidence) {
  if (!evidence.published || is_informative(*evidence.published)) return {};
  if (evidence.simple && is_informative(*evidence.simple)) return {};
  return Finding{
      Verdict::do_not_use,
      fmt::format("Nothing to infer: as far as these spikes tell, rates are constant ({} bits per hidden "
                  "spike); use each unit's mean rate, or add trials.",
                  bits(*evidence.published))};
}

Found simple_is_better(const Evidence& evidence) {
  if (!evidence.published || !evidence.simple) return {};
  const MethodScore &ours = *evidence.published, &simple = *evidence.simple;
  // One error is enough: it is for the less simple method to show that it is worth it.
  const bool worse = ours.bits_over_best_simple < -ours.over_best_simple_standard_error &&
                     ours.bits_over_best_simple < -negligible * simple.bits_per_hidden_spike;
  if (!is_informative(simple) || (!worse && is_informative(ours))) return {};
  const bool alone = ours.method == Method::rnn;
  return Finding{
      Verdict::do_not_use,
      fmt::format("{} predicts hidden spikes better ({} bits per spike, these rates {}): use that{}.",
                  capitalised(name_of(simple.method)), bits(simple), bits(ours),
                  alone ? ", or combine networks with it as configs/best.toml does" : "")};
}

Found simple_is_as_good(const Evidence& evidence) {
  if (!evidence.published || !evidence.simple) return {};
  const MethodScore& ours = *evidence.published;
  if (ours.bits_over_best_simple > 2.0 * ours.over_best_simple_standard_error) return {};
  return Finding{
      Verdict::use_with_care,
      fmt::format("{} predicts hidden spikes about as well ({} bits per spike, these rates {}): check "
                  "results against it, or add trials.",
                  capitalised(name_of(evidence.simple->method)), bits(*evidence.simple), bits(ours))};
}

Found folds_disagree(const Evidence& evidence) {
  if (!evidence.published) return {};
  const auto& folds = evidence.published->per_fold;
  const auto useless = std::count_if(folds.begin(), folds.end(), [](double value) { return value <= 0.0; });
  if (useless == 0) return {};
  return Finding{
      Verdict::use_with_care,
      fmt::format("The folds disagree: in {} of {} these rates predict hidden spikes no better than mean "
                  "rates; look for trials unlike the others, or add trials.",
                  useless, folds.size())};
}

Found networks_stalled(const Evidence& evidence) {
  if (2 * evidence.stalled_networks < evidence.networks || evidence.networks == 0) return {};
  return Finding{
      Verdict::use_with_care,
      fmt::format("{} of {} networks got no better after their first validation, so they have hardly "
                  "learned from these trials: lower train.learning_rate, or add trials.",
                  evidence.stalled_networks, evidence.networks)};
}

Found few_data(const Evidence& evidence) {
  if (evidence.trials < few_trials) {
    return Finding{
        Verdict::use_with_care,
        fmt::format("{} trials are few, also for judging these rates: add trials.", evidence.trials)};
  }
  if (evidence.spikes_per_unit < few_spikes) {
    return Finding{
        Verdict::use_with_care,
        fmt::format("Half of the units have fewer than {:.0f} spikes: leave those out (units), or add "
                    "trials.",
                    std::ceil(evidence.spikes_per_unit + 1))};
  }
  return {};
}

Found units_drift(const Evidence& evidence) {
  if (evidence.drift < much_drift) return {};
  return Finding{
      Verdict::use_with_care,
      fmt::format("Units' rates change by a factor of {:.1f} from the first half of the session to the "
                  "second: compare trials of the same time only, or choose stable units (units).",
                  std::exp(evidence.drift))};
}

Finding nothing_against(const Evidence& evidence) {
  std::string compared;
  if (evidence.simple) {
    compared =
        fmt::format(", {:.3f} ± {:.3f} more than {}", evidence.published->bits_over_best_simple,
                    evidence.published->over_best_simple_standard_error, name_of(evidence.simple->method));
  }
  std::string gains;
  if (evidence.spread_of_gains > large_spread) {
    gains = fmt::format(" They follow units' gains, which change by {:.0f}% across trials.",
                        100 * std::expm1(evidence.spread_of_gains));
  }
  return {Verdict::good, fmt::format("These rates predict hidden spikes with {} bits per spike{}.{}",
                                     bits(*evidence.published), compared, gains)};
}

constexpr Found (*rules[])(const Evidence&) = {nothing_to_infer,  simple_is_better, nothing_is_scored,
                                               simple_is_as_good, folds_disagree,   networks_stalled,
                                               few_data,          units_drift};

}  // namespace

FitVerdict judge(const std::string& fit, const Evidence& evidence) {
  for (const auto rule : rules) {  // The most severe first.
    if (Found found = rule(evidence)) return {fit, found->verdict, std::move(found->why)};
  }
  Finding found = nothing_against(evidence);
  return {fit, found.verdict, std::move(found.why)};
}

std::optional<FitVerdict> judge_leaks(const std::vector<std::string>& warnings) {
  if (warnings.empty()) return {};
  return FitVerdict{"session", Verdict::use_with_care, warnings.front() + "."};
}

const FitVerdict* worst(const std::vector<FitVerdict>& verdicts) {
  const auto found = std::max_element(verdicts.begin(), verdicts.end(),
                                      [](const auto& a, const auto& b) { return a.verdict < b.verdict; });
  return found == verdicts.end() ? nullptr : &*found;
}

}  // namespace rnn_rates::inference
