#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "plot/picture.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot {

struct TasteTrial {
  std::size_t taste = 0;
  std::size_t trial = 0;
};

/// True against estimated rates of single trials, for sessions whose rates are known: a row for each of
/// `units`, a column for each of `trials`; spikes, boxcar rate (faint), true rate (black) and inferred rate
/// in the taste's colour, each row on one scale. `note` follows the session's name, such as a score. Throws
/// Error(bug) where shapes disagree (check_shapes) or true rates, `units` or `trials` are missing.
Picture true_rates_picture(const RegionRates& rates, std::span<const std::size_t> units,
                           std::span<const TasteTrial> trials, const std::string& note);

/// The `most` units whose true rates vary most (standard deviation over tastes, trials and bins), in order of
/// their indices: a choice that no estimate has a part in.
std::vector<std::size_t> most_modulated_units(const RegionRates& rates, std::size_t most);

}  // namespace rnn_rates::plot
