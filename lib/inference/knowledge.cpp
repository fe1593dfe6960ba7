#include "inference/knowledge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "neural/kernel_average.hpp"

namespace rnn_rates::inference {
namespace {

/// A GRU of two directions reads all of the window, or of the stretch that it is cut into, wherever the bin
/// is in it; the autoencoder and a GRU of one direction read what was before.
double future_ms_of(const FitData& data, const Networks& networks) {
  const auto* grus = std::get_if<MaskedGrus>(&networks);
  if (grus == nullptr || grus->folds.front().shape.directions == 1) return 0;
  if (data.fit.chop.bins == 0) return data.window_ms();
  return std::min(data.window_ms(), static_cast<double>(data.fit.chop.bins) * data.bin_ms());
}

/// The widest of the kernels that units choose from, which are cut off at four standard deviations.
double kernel_reach_ms() { return 4 * std::ranges::max(neural::KernelGrid().sigmas_ms); }

}  // namespace

Knowledge together(const Knowledge& first, const Knowledge& second) {
  return {.condition_label = first.condition_label || second.condition_label,
          .future_ms = std::max(first.future_ms, second.future_ms),
          .other_regions = first.other_regions || second.other_regions,
          .own_spikes = first.own_spikes || second.own_spikes};
}

std::string described(const Knowledge& knowledge) {
  std::string text = "made from other trials' spikes";
  if (knowledge.own_spikes) {
    text = knowledge.future_ms > 0
               ? fmt::format("made from the trial's spikes, up to {} ms after the bin", knowledge.future_ms)
               : "made from the trial's spikes up to the bin";
  }
  if (knowledge.other_regions) text += ", in other regions too";
  return text + (knowledge.condition_label ? ", knowing the trial's condition"
                                           : ", without knowing the trial's condition");
}

FitScope scope_of(const FitData& data, const Networks& networks, std::size_t conditions,
                  std::span<const std::string> unit_regions) {
  const std::set<std::uint32_t> tastes(data.fit.trial_taste.begin(), data.fit.trial_taste.end());
  std::set<std::string> regions;
  for (const std::uint32_t unit : data.fit.units) regions.insert(unit_regions[unit]);
  return {.of_some_conditions = tastes.size() < conditions,
          .of_several_regions = regions.size() > 1,
          .window_ms = data.window_ms(),
          .network_future_ms = future_ms_of(data, networks)};
}

Knowledge knowledge_of(Method method, const FitScope& scope) {
  Knowledge knowledge{.condition_label = scope.of_some_conditions,
                      .future_ms = scope.window_ms,
                      .other_regions = scope.of_several_regions,
                      .own_spikes = true};
  switch (method) {
    case Method::rnn:
      knowledge.future_ms = scope.network_future_ms;
      return knowledge;
    case Method::gpfa:
    case Method::plds:
      return knowledge;
    case Method::gaussian:
    case Method::baks:
      knowledge.other_regions = false;
      knowledge.future_ms =
          method == Method::gaussian ? std::min(scope.window_ms, kernel_reach_ms()) : scope.window_ms;
      return knowledge;
    case Method::boxcar:
      return {.future_ms = std::min(scope.window_ms, boxcar_ms / 2), .own_spikes = true};
    case Method::condition_average:
      return {.condition_label = true};
    case Method::inferred_condition:
      knowledge.future_ms = 0;
      return knowledge;
    case Method::combined:
      break;
  }
  throw Error(ErrorKind::bug, "what '{}' knows depends on what is combined", word(method));
}

Knowledge knowledge_of(std::span<const Method> methods, const FitScope& scope) {
  Knowledge all;
  for (const Method method : methods) all = together(all, knowledge_of(method, scope));
  return all;
}

}  // namespace rnn_rates::inference
