#pragma once

#include <array>
#include <cstddef>

#include "core/array.hpp"

namespace rnn_rates {

/// The array with its axes in another order: axis i of the result is axis `order[i]` of `from`.
template <class T>
Array<T, 3> permute(const Array<T, 3>& from, const std::array<std::size_t, 3>& order) {
  const auto [a, b, c] = order;
  Array<T, 3> to({from.extent(a), from.extent(b), from.extent(c)});
  T* next = to.data();
  std::array<std::size_t, 3> at{};
  for (at[a] = 0; at[a] < from.extent(a); ++at[a]) {
    for (at[b] = 0; at[b] < from.extent(b); ++at[b]) {
      for (at[c] = 0; at[c] < from.extent(c); ++at[c]) *next++ = from(at[0], at[1], at[2]);
    }
  }
  return to;
}

}  // namespace rnn_rates
