#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "core/array.hpp"

namespace rnn_rates::neural {

/// Entries (trial, unit, bin) that a prediction must not see: 1 hidden, 0 kept. Empty: nothing is hidden.
using Hidden = Array<std::uint8_t, 3>;

/// Throws Error(bug) unless `hidden` is empty or as large as `counts`.
void check_hidden(const Array<std::uint16_t, 3>& counts, const Hidden& hidden);

/// Mean rate of each unit (unit) in Hz over its kept entries; 0 for a unit without any.
std::vector<double> mean_kept_rate_hz(const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
                                      double bin_ms);

/// Deals the entries of an array (trial, unit, bin) to `parts` parts, 0 to `parts` - 1, at random in blocks
/// of `block_bins` consecutive bins of one unit in one trial; each row's first block is cut short by a random
/// phase. Blocks keep a method from reading a bin off its neighbours, as refractory spikes allow. Trials that
/// lie `patterns` apart are dealt alike, which spares methods work that depends on what is hidden alone.
/// Equal arguments give equal parts. Throws Error(bug) unless `block_bins` and `patterns` are above 0 and
/// `parts` between 1 and 255.
Array<std::uint8_t, 3> block_parts(const Array<std::uint16_t, 3>::Shape& shape, std::size_t block_bins,
                                   std::size_t parts, std::size_t patterns, std::uint64_t seed);

/// The entries of part `part` as hidden ones.
Hidden hide_part(const Array<std::uint8_t, 3>& parts, std::size_t part);

/// Rates (trial, unit, bin) in Hz of those entries that were hidden so far, one part after the other.
struct HeldOutRates {
  Array<float, 3> rate_hz;  ///< 0 where an entry's part is still to come; empty before the first
  std::uint32_t parts = 0;  ///< how many parts were hidden
};

/// Goes on to rates where each entry was predicted while its part of `parts` was hidden: calls `predict_hz`
/// once for each of the `count` parts that is still to come. Throws Error(stopped) between them once
/// `stop` is requested, as do the methods in their own loops; `held_out` then has the parts so far.
void predict_held_out(const Array<std::uint8_t, 3>& parts, std::size_t count,
                      const std::function<Array<float, 3>(const Hidden&)>& predict_hz, HeldOutRates& held_out,
                      const std::stop_token& stop = {});

}  // namespace rnn_rates::neural
