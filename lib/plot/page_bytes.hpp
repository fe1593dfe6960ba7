#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/array.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot {

/// To seven digits in all, as floats have: few after the point would be too few for small latents.
double rounded(double value);

/// Which values the whole numbers of a row stand for: low + step * number.
struct RowScale {
  double low = 0.0, step = 0.0;
};

/// Scales of rows that several arrays (trial, row, bin) share, for numbers of so many bits; arrays may be
/// empty.
std::vector<RowScale> shared_scales(std::span<const Array<float, 3>* const> arrays, unsigned bits);

/// The arrays of a page, deflated as one; what add() returns tells data.js where each lies. An array that is
/// empty is null. Only `trials` of each are kept, in that order.
class PageBytes {
 public:
  /// Values (trial, row, bin) as whole numbers of at most 8 or of 16 bits on a scale for each row, one number
  /// being kept for values that are not finite. By row, trial and bin: the difference from the bin before,
  /// the lower bytes of a row before its higher ones. Scales of their own go into what is returned, `shared`
  /// ones do not.
  nlohmann::json add(const Array<float, 3>& values, std::span<const std::size_t> trials, unsigned bits,
                     const std::vector<RowScale>& shared = {});

  /// For each row and trial, how many spikes it has and the ms from one to the next, the first from the start
  /// of the window: seven bits to a byte, the lowest first, the highest bit saying that more follow.
  nlohmann::json add_spikes(const TasteRates& taste, std::span<const std::size_t> trials, double bin_ms);

  const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  /// All of it, deflated (RFC 1950), in base64.
  std::string text() const;

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace rnn_rates::plot
