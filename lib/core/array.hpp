#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace rnn_rates {

/// Owning row-major array: the last index varies fastest. Indices are not checked.
template <class T, std::size_t Rank>
class Array {
 public:
  using Shape = std::array<std::size_t, Rank>;

  Array() = default;
  explicit Array(const Shape& shape, T fill = T{}) : shape_(shape), values_(count(shape), fill) {}
  /// `values` must hold exactly as many elements as `shape` says.
  Array(const Shape& shape, std::vector<T> values) : shape_(shape), values_(std::move(values)) {}

  const Shape& shape() const { return shape_; }
  std::size_t extent(std::size_t axis) const { return shape_[axis]; }
  std::size_t size() const { return values_.size(); }
  T* data() { return values_.data(); }
  const T* data() const { return values_.data(); }
  std::span<T> values() { return values_; }
  std::span<const T> values() const { return values_; }

  template <class... Index>
  requires(sizeof...(Index) == Rank) T& operator()(Index... index) { return values_[offset(index...)]; }
  template <class... Index>
  requires(sizeof...(Index) == Rank) const T& operator()(Index... index) const {
    return values_[offset(index...)];
  }

  bool operator==(const Array&) const = default;

 private:
  static std::size_t count(const Shape& shape) {
    return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
  }
  template <class... Index>
  std::size_t offset(Index... index) const {
    std::size_t at = 0, axis = 0;
    ((at = at * shape_[axis++] + static_cast<std::size_t>(index)), ...);
    return at;
  }

  Shape shape_{};
  std::vector<T> values_;
};

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
