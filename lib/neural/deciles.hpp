#pragma once

#include <cstddef>
#include <cstdint>

#include "core/array.hpp"
#include "neural/observed.hpp"

namespace rnn_rates::neural {

inline constexpr std::size_t deciles = 10;
/// In place of a decile, where nothing was observed.
inline constexpr std::uint8_t no_decile = 255;

/// (trial, unit, bin) 0 to 9: which tenth of all observed rates a rate belongs to, the lowest first. Equal
/// rates share a decile, so that some may be empty.
Array<std::uint8_t, 3> deciles_of(const Array<float, 3>& rate_hz, const Observed& observed = {});

}  // namespace rnn_rates::neural
