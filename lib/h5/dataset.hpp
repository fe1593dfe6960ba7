#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "core/array.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "h5/file.hpp"

namespace rnn_rates::h5 {

/// HDF5's native memory type of a number; integers have 1 to 8 bytes.
Id native_type(bool floating, bool is_signed, std::size_t bytes);

template <class T>
Id native_type() {
  return native_type(std::is_floating_point_v<T>, std::is_signed_v<T>, sizeof(T));
}

/// A dataset opened for reading, of any layout and any numeric type: values are converted to what is asked
/// for.
class Dataset {
 public:
  /// Throws Error(input) if the object is absent or not a dataset.
  Dataset(const File& file, const std::string& object);

  const std::vector<std::size_t>& shape() const { return shape_; }
  /// Integers, floating-point numbers, enumerations (by their numbers) and booleans.
  bool is_numeric() const;
  /// As h5py and NWB (an enumeration) or PyTables (a bit field) store them.
  bool is_boolean() const;
  bool is_integer() const;
  bool is_text() const;
  /// The names of an enumeration's numbers; empty for other types.
  std::map<std::int64_t, std::string> names_of_numbers() const;
  /// Elements of a list: a dataset of one axis, or of several of which all but one are 1, as MatNWB writes
  /// columns. Throws Error(input) for others.
  std::size_t length() const;
  /// Size of the file that it lies in, which links may have led to.
  std::uint64_t file_bytes() const;
  /// Throws Error(input) where a list or table has more rows than the file has bytes: what each row takes in
  /// memory is many times what a damaged header needs to declare it.
  void check_length() const;
  const std::string& where() const { return where_; }
  Id id() const { return handle_.get(); }

  /// Reads the block of `count` elements from `start` into `values`, row-major. Throws Error(input) where the
  /// data are not numbers or fail HDF5's checksum.
  template <class T>
  void read_block(std::span<const std::size_t> start, std::span<const std::size_t> count,
                  std::span<T> values) const {
    read_numbers(start, count, native_type<T>(), values.data(), values.size());
  }
  /// Reads the elements of a list from `first` on, as many as `values` has.
  template <class T>
  void read_elements(std::size_t first, std::span<T> values) const {
    std::vector<std::size_t> start, count;
    for (const std::size_t extent : shape_) {
      start.push_back(extent == length() ? first : 0);
      count.push_back(extent == length() ? values.size() : 1);
    }
    read_block<T>(start, count, values);
  }
  template <class T>
  void read_all(std::span<T> values) const {
    const std::vector<std::size_t> start(shape_.size(), 0);
    read_block<T>(start, shape_, values);
  }

  /// The same of any type, into memory that has room for it.
  void read_block(std::span<const std::size_t> start, std::span<const std::size_t> count, Id memory_type,
                  void* values) const;

 private:
  void read_numbers(std::span<const std::size_t> start, std::span<const std::size_t> count, Id memory_type,
                    void* values, std::size_t room) const;

  Handle handle_;
  std::vector<std::size_t> shape_;
  std::string where_;
};

/// Text that every dataset carries as attributes, for whoever opens the file without our documents.
struct Description {
  std::string long_name;
  std::string axes;   ///< such as "trial unit bin"; "" for a scalar
  std::string units;  ///< such as "Hz"; "1" for a pure number
};

/// How a dataset is laid out. Arrays are chunked along their first axis and carry a fletcher32 checksum.
struct Layout {
  bool compress = false;  ///< shuffle and deflate; worth it for counts, not for rates
};

namespace detail {
void write(File& file, const std::string& object, Id memory_type, std::span<const std::size_t> shape,
           const void* values, const Description& description, const Layout& layout);
[[noreturn]] void throw_wrong_rank(const Dataset& dataset, std::size_t expected);
}  // namespace detail

/// Reads a whole dataset. Throws Error(input) if it is absent, of another rank, or not numeric.
template <class T, std::size_t Rank>
Array<T, Rank> read_array(const File& file, const std::string& object) {
  const Dataset dataset(file, object);
  if (dataset.shape().size() != Rank) detail::throw_wrong_rank(dataset, Rank);
  typename Array<T, Rank>::Shape shape;
  std::copy(dataset.shape().begin(), dataset.shape().end(), shape.begin());
  Array<T, Rank> array(shape);
  dataset.read_all<T>(array.values());
  return array;
}

/// The elements of a list; see Dataset::length().
template <class T>
std::vector<T> read_vector(const File& file, const std::string& object) {
  const Dataset dataset(file, object);
  std::vector<T> values(dataset.length());
  dataset.read_all<T>(values);
  return values;
}

template <class T>
T read_scalar(const File& file, const std::string& object) {
  const Dataset dataset(file, object);
  if (!dataset.shape().empty()) detail::throw_wrong_rank(dataset, 0);
  T value{};
  dataset.read_all<T>(std::span(&value, 1));
  return value;
}

/// Writes a new dataset, creating the groups above it.
template <class T, std::size_t Rank>
void write_array(File& file, const std::string& object, const Array<T, Rank>& array,
                 const Description& description, const Layout& layout = {}) {
  detail::write(file, object, native_type<T>(), array.shape(), array.data(), description, layout);
}

template <class T>
void write_vector(File& file, const std::string& object, std::span<const T> values,
                  const Description& description, const Layout& layout = {}) {
  const std::array<std::size_t, 1> shape{values.size()};
  detail::write(file, object, native_type<T>(), shape, values.data(), description, layout);
}

/// Of any number of axes.
template <class T>
void write_values(File& file, const std::string& object, std::span<const T> values,
                  std::span<const std::size_t> shape, const Description& description) {
  detail::write(file, object, native_type<T>(), shape, values.data(), description, {});
}

template <class T>
void write_scalar(File& file, const std::string& object, T value, const Description& description) {
  detail::write(file, object, native_type<T>(), {}, &value, description, {});
}

/// Adds a dataset's path, type, shape and stored values to `digest`, a slice of the first axis at a time.
/// `before_each` is called before each slice and may throw.
void add_to_digest(const File& file, const std::string& object, Digest& digest,
                   const std::function<void()>& before_each = {});

}  // namespace rnn_rates::h5
