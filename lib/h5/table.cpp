#include "h5/table.hpp"

#include <fmt/ranges.h>
#include <hdf5.h>

#include <array>

#include "core/error.hpp"
#include "h5/dataset.hpp"

namespace rnn_rates::h5 {
namespace {

std::vector<std::string> column_names(const Handle& table_type) {
  std::vector<std::string> names;
  const int count = H5Tget_nmembers(table_type.get());
  for (int i = 0; i < count; ++i) {
    char* name = H5Tget_member_name(table_type.get(), static_cast<unsigned>(i));
    names.emplace_back(name);
    H5free_memory(name);
  }
  return names;
}

Handle table_type(const Dataset& dataset) {
  Handle type(H5Dget_type(dataset.id()), dataset.where());
  if (H5Tget_class(type.get()) != H5T_COMPOUND || dataset.shape().size() != 1) {
    throw Error(ErrorKind::input, "{}: expected a table with one row a unit", dataset.where());
  }
  return type;
}

}  // namespace

bool has_table_column(const File& file, const std::string& object, const std::string& column) {
  const Dataset dataset(file, object);
  const Handle type(H5Dget_type(dataset.id()), dataset.where());
  return H5Tget_class(type.get()) == H5T_COMPOUND && H5Tget_member_index(type.get(), column.c_str()) >= 0;
}

std::vector<std::string> table_columns(const File& file, const std::string& object) {
  return column_names(table_type(Dataset(file, object)));
}

std::vector<double> read_table_column(const File& file, const std::string& object,
                                      const std::string& column) {
  const Dataset dataset(file, object);
  const Handle stored = table_type(dataset);
  const int index = H5Tget_member_index(stored.get(), column.c_str());
  if (index < 0) {
    throw Error(ErrorKind::input, "{}: no column '{}'; it has: {}", dataset.where(), column,
                fmt::join(column_names(stored), ", "));
  }
  const H5T_class_t kind = H5Tget_member_class(stored.get(), static_cast<unsigned>(index));
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) {
    throw Error(ErrorKind::input, "{}: column '{}' holds no numbers", dataset.where(), column);
  }
  const Handle memory(H5Tcreate(H5T_COMPOUND, sizeof(double)), "table column type");
  check(H5Tinsert(memory.get(), column.c_str(), 0, H5T_NATIVE_DOUBLE), "table column type");
  std::vector<double> values(dataset.shape()[0]);
  dataset.read_block(std::array{std::size_t{0}}, dataset.shape(), memory.get(), values.data());
  return values;
}

}  // namespace rnn_rates::h5
