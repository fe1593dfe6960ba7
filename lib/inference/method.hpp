#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace rnn_rates::inference {

/// What predicts rates: the network, the combination of several, and the simpler ones it is compared with.
enum class Method { rnn, combined, gaussian, boxcar, baks, trial_average, gpfa };

/// The methods with their names in files and tables.
inline constexpr std::array<std::pair<Method, std::string_view>, 7> method_names = {
    {{Method::rnn, "rnn"},
     {Method::combined, "combined"},
     {Method::gaussian, "gaussian"},
     {Method::boxcar, "boxcar_250ms"},
     {Method::baks, "baks"},
     {Method::trial_average, "trial_average"},
     {Method::gpfa, "gpfa"}}};

constexpr std::string_view name_of(Method method) {
  return method_names[static_cast<std::size_t>(method)].second;
}

/// Width of the boxcar, as the Python program plots it.
inline constexpr double boxcar_ms = 250;

/// None for an unknown name.
constexpr std::optional<Method> method_called(std::string_view name) {
  for (const auto& [method, called] : method_names) {
    if (called == name) return method;
  }
  return std::nullopt;
}

}  // namespace rnn_rates::inference
