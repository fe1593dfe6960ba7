#include "h5/strings.hpp"

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace rnn_rates::h5 {
namespace {

/// In blocks, as a damaged list may point to one long text from everywhere: what a file holds has room in it.
std::vector<std::string> read_variable_strings(const Dataset& dataset) {
  constexpr std::size_t block_size = 256;
  const Handle type = variable_text_type();
  check(H5Tset_cset(type.get(), H5Tget_cset(Handle(H5Dget_type(dataset.id()), dataset.where()).get())),
        "text type");
  const Handle file_space(H5Dget_space(dataset.id()), dataset.where());
  const bool scalar = dataset.shape().empty();
  const std::size_t size = scalar ? 1 : dataset.length();
  std::vector<std::string> values;
  values.reserve(size);
  auto left = static_cast<std::int64_t>(dataset.file_bytes());
  for (std::size_t first = 0; first < size; first += block_size) {
    const hsize_t count = std::min(block_size, size - first);
    std::vector<hsize_t> start, block;
    for (const std::size_t extent : dataset.shape()) {
      start.push_back(extent == size ? first : 0);
      block.push_back(extent == size ? count : 1);
    }
    const Handle memory_space(scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, nullptr),
                              dataset.where());
    if (!scalar) {
      check(
          H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, start.data(), nullptr, block.data(), nullptr),
          dataset.where());
    }
    std::vector<char*> raw(count, nullptr);
    check(H5Dread(dataset.id(), type.get(), memory_space.get(), file_space.get(), H5P_DEFAULT, raw.data()),
          dataset.where());
    for (const char* text : raw)
      left -= static_cast<std::int64_t>(values.emplace_back(text == nullptr ? "" : text).size());
    H5Dvlen_reclaim(type.get(), memory_space.get(), H5P_DEFAULT, raw.data());
    if (left < 0) {
      throw Error(ErrorKind::input, "{}: holds longer texts than the file has room for. It is damaged.",
                  dataset.where());
    }
  }
  return values;
}

std::vector<std::string> read_fixed_strings(const Dataset& dataset) {
  const Handle type(H5Dget_type(dataset.id()), dataset.where());
  const std::size_t length = H5Tget_size(type.get()), count = dataset.shape().empty() ? 1 : dataset.length();
  std::vector<char> raw(length * count);
  check(H5Dread(dataset.id(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data()), dataset.where());
  std::vector<std::string> values;
  values.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* begin = raw.data() + i * length;
    values.emplace_back(begin, std::find(begin, begin + length, '\0'));
  }
  return values;
}

void write_variable(File& file, const std::string& object, const std::vector<std::string>& values,
                    const Handle& space) {
  create_group(file, object.substr(0, object.rfind('/')));
  const std::string what = file.where(object);
  const Handle type = variable_text_type();
  Handle dataset(
      H5Dcreate2(file.id(), object.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
      what);
  check(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers(values).data()), what);
  dataset.close(what);
}

}  // namespace

void write_strings(File& file, const std::string& object, std::span<const std::string> values,
                   const Description& description) {
  std::size_t length = 1;
  for (const std::string& value : values) length = std::max(length, value.size());
  std::vector<char> packed(length * values.size(), '\0');
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::copy(values[i].begin(), values[i].end(), packed.begin() + static_cast<std::ptrdiff_t>(i * length));
  }
  const std::array<std::size_t, 1> shape{values.size()};
  detail::write(file, object, text_type(length).get(), shape, packed.data(), description, {});
}

void write_variable_text(File& file, const std::string& object, const std::string& value) {
  write_variable(file, object, {value}, Handle(H5Screate(H5S_SCALAR), "space of a text"));
}

void write_variable_texts(File& file, const std::string& object, const std::vector<std::string>& values) {
  const hsize_t count = values.size();
  write_variable(file, object, values, Handle(H5Screate_simple(1, &count, nullptr), "space of texts"));
}

std::vector<std::string> read_strings(const File& file, const std::string& object) {
  const Dataset dataset(file, object);
  if (!dataset.is_text())
    throw Error(ErrorKind::input, "{}: holds no text; expected a list of names", dataset.where());
  dataset.check_length();
  const Handle type(H5Dget_type(dataset.id()), dataset.where());
  return H5Tis_variable_str(type.get()) > 0 ? read_variable_strings(dataset) : read_fixed_strings(dataset);
}

}  // namespace rnn_rates::h5
