#include "h5/dataset.hpp"

#include <fmt/ranges.h>
#include <hdf5.h>

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

#include "h5/attribute.hpp"
#include "h5/chunks.hpp"
#include "h5/filters.hpp"
#include "h5/links.hpp"

namespace rnn_rates::h5 {
namespace {

std::size_t product(std::span<const std::size_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

std::vector<hsize_t> to_hsize(std::span<const std::size_t> shape) { return {shape.begin(), shape.end()}; }

Handle simple_space(std::span<const std::size_t> shape, const std::string& what) {
  if (shape.empty()) return Handle(H5Screate(H5S_SCALAR), what);
  const std::vector<hsize_t> sizes = to_hsize(shape);
  return Handle(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr), what);
}

/// Chunks hold one index of the first axis, or the whole of a vector up to 64 Ki elements.
std::vector<hsize_t> chunk_shape(std::span<const std::size_t> shape) {
  std::vector<hsize_t> chunk = to_hsize(shape);
  chunk[0] = shape.size() == 1 ? std::min<hsize_t>(shape[0], 65536) : 1;
  return chunk;
}

Handle creation_properties(std::span<const std::size_t> shape, const Layout& layout) {
  Handle properties(H5Pcreate(H5P_DATASET_CREATE), "dataset creation properties");
  // Times of creation would make two equal runs differ.
  check(H5Pset_obj_track_times(properties.get(), false), "dataset creation properties");
  if (shape.empty()) {
    // Inside the object header, whose checksum covers it; filters need chunks, which a scalar cannot have.
    check(H5Pset_layout(properties.get(), H5D_COMPACT), "compact layout");
    return properties;
  }
  if (product(shape) == 0) return properties;
  const std::vector<hsize_t> chunk = chunk_shape(shape);
  check(H5Pset_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()), "chunking");
  if (layout.compress) {
    check(H5Pset_shuffle(properties.get()), "shuffle filter");
    // Higher levels take up to three times as long for counts and make them a sixth smaller.
    check(H5Pset_deflate(properties.get(), 1), "deflate filter");
  }
  check(H5Pset_fletcher32(properties.get()), "fletcher32 filter");
  return properties;
}

void describe(File& file, const std::string& object, const Description& description) {
  write_attribute(file, object, "long_name", description.long_name);
  write_attribute(file, object, "axes", description.axes);
  write_attribute(file, object, "units", description.units);
}

/// Throws where a dataset declares more values than what is stored of it can hold, even if it is packed as
/// tightly as deflate can (1032 to 1): memory would be asked for that a damaged header makes up.
void check_size(const Handle& dataset, std::span<const std::size_t> shape, double file_bytes,
                const std::string& where) {
  constexpr double always_fine = 64.0 * 1024 * 1024, best_packing = 1100.0;
  const Handle properties(H5Dget_create_plist(dataset.get()), where), type(H5Dget_type(dataset.get()), where);
  check_type(type.get(), where);
  check_filters(properties, where);
  check_chunks(dataset, properties, where);
  double declared = static_cast<double>(H5Tget_size(type.get()));
  for (const std::size_t extent : shape) declared *= static_cast<double>(extent);
  const bool elsewhere =
      H5Pget_layout(properties.get()) == H5D_VIRTUAL || H5Pget_external_count(properties.get()) > 0;
  if (declared <= always_fine || elsewhere) return;
  const double stored = static_cast<double>(H5Dget_storage_size(dataset.get()));
  const bool packed = H5Pget_nfilters(properties.get()) > 0;
  if (stored <= file_bytes && declared <= stored * (packed ? best_packing : 1.0)) return;
  throw Error(ErrorKind::input,
              "{}: declares {} values, {:.3g} bytes, of which the file holds {:.3g}. It is damaged.", where,
              fmt::join(shape, " x "), declared, stored);
}

/// PyTables' booleans.
bool is_bit_field(const Handle& type) {
  return H5Tget_class(type.get()) == H5T_BITFIELD && H5Tget_size(type.get()) == 1;
}

std::vector<std::size_t> extents(const Handle& dataset, const std::string& where) {
  const Handle space(H5Dget_space(dataset.get()), where);
  std::array<hsize_t, H5S_MAX_RANK> sizes{};
  const int rank = H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr);
  return {sizes.begin(), sizes.begin() + std::max(rank, 0)};
}

H5T_class_t type_class(const Handle& dataset, const std::string& where) {
  return H5Tget_class(Handle(H5Dget_type(dataset.get()), where).get());
}

}  // namespace

Id native_type(bool floating, bool is_signed, std::size_t bytes) {
  if (floating) return bytes == sizeof(float) ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
  switch (bytes) {
    case 1:
      return is_signed ? H5T_NATIVE_INT8 : H5T_NATIVE_UINT8;
    case 2:
      return is_signed ? H5T_NATIVE_INT16 : H5T_NATIVE_UINT16;
    case 4:
      return is_signed ? H5T_NATIVE_INT32 : H5T_NATIVE_UINT32;
    default:
      return is_signed ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64;
  }
}

Dataset::Dataset(const File& file, const std::string& object) : where_(file.where(object)) {
  if (!is_dataset(file, object)) throw Error(ErrorKind::input, "{}: no such dataset", where_);
  handle_ = open_dataset(file, object);
  shape_ = extents(handle_, where_);
  check_size(handle_, shape_, static_cast<double>(file_bytes()), where_);
  if (const auto access = access_to_packed_rows(handle_, shape_, where_)) {
    handle_ = {};
    handle_ = Handle(H5Dopen2(file.id(), object.c_str(), access->get()), where_);
  }
}

bool Dataset::is_numeric() const {
  const H5T_class_t kind = type_class(handle_, where_);
  return kind == H5T_INTEGER || kind == H5T_FLOAT || kind == H5T_ENUM || is_boolean();
}

bool Dataset::is_boolean() const {
  const Handle type(H5Dget_type(handle_.get()), where_);
  if (is_bit_field(type)) return true;
  if (H5Tget_class(type.get()) != H5T_ENUM || H5Tget_nmembers(type.get()) != 2) return false;
  std::int8_t no = -1, yes = -1;
  return H5Tget_size(type.get()) == 1 && H5Tenum_valueof(type.get(), "FALSE", &no) >= 0 && no == 0 &&
         H5Tenum_valueof(type.get(), "TRUE", &yes) >= 0 && yes == 1;
}

std::map<std::int64_t, std::string> Dataset::names_of_numbers() const {
  std::map<std::int64_t, std::string> names;
  const Handle type(H5Dget_type(handle_.get()), where_);
  if (H5Tget_class(type.get()) != H5T_ENUM) return names;
  const Handle stored(H5Tget_super(type.get()), where_);
  const int members = H5Tget_nmembers(type.get());
  for (int i = 0; i < members; ++i) {
    const auto index = static_cast<unsigned>(i);
    std::vector<std::int64_t> number(H5Tget_size(type.get()) / sizeof(std::int64_t) + 1);
    check(H5Tget_member_value(type.get(), index, number.data()), where_);
    check(H5Tconvert(stored.get(), H5T_NATIVE_INT64, 1, number.data(), nullptr, H5P_DEFAULT), where_);
    char* name = H5Tget_member_name(type.get(), index);
    if (name != nullptr) names.emplace(number.front(), name);
    H5free_memory(name);
  }
  return names;
}

bool Dataset::is_integer() const { return type_class(handle_, where_) == H5T_INTEGER; }

bool Dataset::is_text() const { return type_class(handle_, where_) == H5T_STRING; }

std::size_t Dataset::length() const {
  const auto longer =
      std::count_if(shape_.begin(), shape_.end(), [](std::size_t extent) { return extent != 1; });
  if (shape_.empty() || longer > 1) detail::throw_wrong_rank(*this, 1);
  return product(shape_);
}

std::uint64_t Dataset::file_bytes() const {
  const Handle file(H5Iget_file_id(handle_.get()), where_);
  hsize_t bytes = 0;
  check(H5Fget_filesize(file.get(), &bytes), where_);
  return bytes;
}

void Dataset::check_length() const {
  const std::size_t rows = shape_.empty() ? 0 : *std::max_element(shape_.begin(), shape_.end());
  if (rows <= file_bytes()) return;
  throw Error(ErrorKind::input, "{}: declares {} rows, and the file has only {} bytes. It is damaged.",
              where_, rows, file_bytes());
}

void Dataset::read_numbers(std::span<const std::size_t> start, std::span<const std::size_t> count,
                           Id memory_type, void* values, std::size_t room) const {
  if (!is_numeric())
    throw Error(ErrorKind::input, "{}: holds no numbers; expected an array of numbers", where_);
  if (product(count) != room)
    throw Error(ErrorKind::bug, "{}: {} values do not fit {}", where_, product(count), room);
  if (!is_bit_field(Handle(H5Dget_type(handle_.get()), where_)))
    return read_block(start, count, memory_type, values);
  // HDF5 converts bit fields to nothing but bit fields.
  read_block(start, count, H5T_NATIVE_B8, values);
  check(H5Tconvert(H5T_NATIVE_UINT8, memory_type, room, values, nullptr, H5P_DEFAULT), where_);
}

void Dataset::read_block(std::span<const std::size_t> start, std::span<const std::size_t> count,
                         Id memory_type, void* values) const {
  if (product(count) == 0) return;
  const Handle file_space(H5Dget_space(handle_.get()), where_);
  if (!shape_.empty()) {
    const std::vector<hsize_t> from = to_hsize(start), size = to_hsize(count);
    check(H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, from.data(), nullptr, size.data(), nullptr),
          where_);
  }
  const Handle memory_space = simple_space(count, where_);
  if (H5Dread(handle_.get(), memory_type, memory_space.get(), file_space.get(), H5P_DEFAULT, values) < 0) {
    throw Error(ErrorKind::input, "{}: cannot be read, the file is damaged: {}", where_, take_reason());
  }
}

namespace detail {

void throw_wrong_rank(const Dataset& dataset, std::size_t expected) {
  throw Error(ErrorKind::input, "{}: has {} axes ({}), expected {}", dataset.where(), dataset.shape().size(),
              fmt::join(dataset.shape(), " x "), expected);
}

void write(File& file, const std::string& object, Id memory_type, std::span<const std::size_t> shape,
           const void* values, const Description& description, const Layout& layout) {
  create_group(file, object.substr(0, object.rfind('/')));
  const std::string where = file.where(object);
  {
    const Handle space = simple_space(shape, where);
    const Handle properties = creation_properties(shape, layout);
    Handle dataset(H5Dcreate2(file.id(), object.c_str(), memory_type, space.get(), H5P_DEFAULT,
                              properties.get(), H5P_DEFAULT),
                   where);
    if (product(shape) > 0) {
      check(H5Dwrite(dataset.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), where);
    }
    dataset.close(where);
  }
  describe(file, object, description);
}

}  // namespace detail

void add_to_digest(const File& file, const std::string& object, Digest& digest,
                   const std::function<void()>& before_each) {
  const Dataset dataset(file, object);
  const Handle type(H5Dget_type(dataset.id()), dataset.where());
  const std::size_t element = H5Tget_size(type.get());
  digest.add_text(object);
  digest.add_text(fmt::format("class {} size {} shape {}", static_cast<int>(H5Tget_class(type.get())),
                              element, fmt::join(dataset.shape(), " ")));
  std::vector<std::size_t> start(dataset.shape().size(), 0), count = dataset.shape();
  const std::size_t slices = count.size() > 1 ? count[0] : 1;
  if (count.size() > 1) count[0] = 1;
  std::vector<char> values(element * product(count));
  for (std::size_t slice = 0; slice < slices; ++slice) {
    if (before_each) before_each();
    if (!start.empty()) start[0] = slice;
    dataset.read_block(start, count, type.get(), values.data());
    digest.add(values.data(), values.size());
  }
}

}  // namespace rnn_rates::h5
