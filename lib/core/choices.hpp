#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

/// Choices that settings and files name by a word, and nowhere else by text.
namespace rnn_rates {

template <class... Word>
constexpr auto words(Word... word) {
  return std::array<std::string_view, sizeof...(Word)>{word...};
}

/// The words of a choice, in the order of its values.
template <class Choice>
inline constexpr auto words_of = words();

enum class Regions : std::uint8_t { layout, all };
template <>
inline constexpr auto words_of<Regions> = words("layout", "all");

enum class Laser : std::uint8_t { include, exclude, separate, input };
template <>
inline constexpr auto words_of<Laser> = words("include", "exclude", "separate", "input");

/// What of a session folder the spikes are read from; automatic is its spike arrays, where it has any.
enum class SpikesFrom : std::uint8_t { automatic, spike_times };
template <>
inline constexpr std::array<std::string_view, 2> words_of<SpikesFrom> = {"auto", "spike_times"};

/// Trials that scaler and PCA learn from.
enum class FitOn : std::uint8_t { train, all };
template <>
inline constexpr auto words_of<FitOn> = words("train", "all");

enum class NetworkKind : std::uint8_t { masked_gru, autoencoder };
template <>
inline constexpr auto words_of<NetworkKind> = words("masked_gru", "autoencoder_rnn");

/// Of the learning rate.
enum class Schedule : std::uint8_t { cosine, constant };
template <>
inline constexpr auto words_of<Schedule> = words("cosine", "constant");

enum class Loss : std::uint8_t { poisson, mse };
template <>
inline constexpr auto words_of<Loss> = words("poisson", "mse");

/// Of a trained network; best is at the lowest validation loss.
enum class Weights : std::uint8_t { last, best };
template <>
inline constexpr auto words_of<Weights> = words("last", "best");

/// What trains a network; automatic is fused on the CPU and LibTorch elsewhere.
enum class EngineKind : std::uint8_t { automatic, fused, libtorch };
template <>
inline constexpr auto words_of<EngineKind> = words("auto", "fused", "libtorch");

/// Instruction sets of the fused engine, by the levels of the x86-64 psABI; automatic is the best there is.
enum class Isa : std::uint8_t { automatic, v4, v3, v2 };
template <>
inline constexpr auto words_of<Isa> = words("auto", "x86-64-v4", "x86-64-v3", "x86-64-v2");

/// What the rates of networks are combined with.
enum class CombineWith : std::uint8_t { plds, gpfa, gaussian, inferred_condition, condition_average };
template <>
inline constexpr auto words_of<CombineWith> = words("plds", "gpfa", "gaussian", "inferred_condition",
                                                    "condition_average");

enum class PictureFormat : std::uint8_t { png, svg, pdf };
template <>
inline constexpr auto words_of<PictureFormat> = words("png", "svg", "pdf");

/// The word of `choice`.
template <class Choice>
constexpr std::string_view word(Choice choice) {
  const auto& all = words_of<Choice>;
  return all[static_cast<std::size_t>(choice)];
}

/// The choice of that word; nothing for another one.
template <class Choice>
constexpr std::optional<Choice> choice_called(std::string_view word) {
  const auto& all = words_of<Choice>;
  const auto found = std::find(all.begin(), all.end(), word);
  if (found == all.end()) return std::nullopt;
  return static_cast<Choice>(found - all.begin());
}

/// Some of a choice's values, each at most once and in their order.
template <class Choice>
struct SomeOf {
  std::uint32_t bits = 0;  ///< by the value's number

  SomeOf() = default;
  SomeOf(std::initializer_list<Choice> choices) {
    for (const Choice choice : choices) bits |= 1u << static_cast<unsigned>(choice);
  }
  bool has(Choice choice) const { return (bits >> static_cast<unsigned>(choice) & 1u) != 0; }
  bool empty() const { return bits == 0; }
  bool operator==(const SomeOf&) const = default;
};

}  // namespace rnn_rates
