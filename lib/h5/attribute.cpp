#include "h5/attribute.hpp"

#include <hdf5.h>

#include "core/error.hpp"

namespace rnn_rates::h5 {
namespace {

std::string describe(const File& file, const std::string& object, const std::string& name) {
  return file.where(object) + " attribute '" + name + "'";
}

void write(File& file, const std::string& object, const std::string& name, Id type, const Handle& space,
           const void* value) {
  const std::string what = describe(file, object, name);
  if (has_attribute(file, object, name)) {
    check(H5Adelete_by_name(file.id(), object.c_str(), name.c_str(), H5P_DEFAULT), what);
  }
  Handle attribute(H5Acreate_by_name(file.id(), object.c_str(), name.c_str(), type, space.get(), H5P_DEFAULT,
                                     H5P_DEFAULT, H5P_DEFAULT),
                   what);
  if (value != nullptr) check(H5Awrite(attribute.get(), type, value), what);
  attribute.close(what);
}

Handle scalar() { return Handle(H5Screate(H5S_SCALAR), "space of an attribute"); }

Handle open(const File& file, const std::string& object, const std::string& name) {
  if (!has_attribute(file, object, name)) {
    throw Error(ErrorKind::input, "{}: missing", describe(file, object, name));
  }
  return Handle(H5Aopen_by_name(file.id(), object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
                describe(file, object, name));
}

}  // namespace

bool has_attribute(const File& file, const std::string& object, const std::string& name) {
  return exists(file, object) && H5Aexists_by_name(file.id(), object.c_str(), name.c_str(), H5P_DEFAULT) > 0;
}

void write_attribute(File& file, const std::string& object, const std::string& name,
                     const std::string& value) {
  // An empty text has no value: HDF5 knows no string of size 0, and PyTables does the same.
  const Handle nothing(H5Screate(H5S_NULL), "space of an attribute"), one = scalar();
  write(file, object, name, text_type(value.size()).get(), value.empty() ? nothing : one,
        value.empty() ? nullptr : value.c_str());
}

void write_attribute(File& file, const std::string& object, const std::string& name, std::int64_t value) {
  write(file, object, name, H5T_NATIVE_INT64, scalar(), &value);
}

void write_attribute(File& file, const std::string& object, const std::string& name, double value) {
  write(file, object, name, H5T_NATIVE_DOUBLE, scalar(), &value);
}

void write_variable_attribute(File& file, const std::string& object, const std::string& name,
                              const std::string& value) {
  const char* const text = value.c_str();
  write(file, object, name, variable_text_type().get(), scalar(), &text);
}

void write_variable_attribute(File& file, const std::string& object, const std::string& name,
                              const std::vector<std::string>& values) {
  const hsize_t count = values.size();
  write(file, object, name, variable_text_type().get(),
        Handle(H5Screate_simple(1, &count, nullptr), "space of an attribute"), pointers(values).data());
}

std::string read_text_attribute(const File& file, const std::string& object, const std::string& name) {
  const std::string what = describe(file, object, name);
  const Handle attribute = open(file, object, name);
  const Handle type(H5Aget_type(attribute.get()), what);
  const Handle space(H5Aget_space(attribute.get()), what);
  if (H5Tget_class(type.get()) == H5T_STRING && H5Sget_simple_extent_type(space.get()) == H5S_NULL) return "";
  if (H5Tget_class(type.get()) != H5T_STRING || H5Sget_simple_extent_npoints(space.get()) != 1) {
    throw Error(ErrorKind::input, "{}: is not a text", what);
  }
  if (H5Tis_variable_str(type.get()) > 0) {
    char* text = nullptr;
    check(H5Aread(attribute.get(), type.get(), &text), what);
    std::string value = text == nullptr ? "" : text;
    H5free_memory(text);
    return value;
  }
  constexpr std::size_t longest = std::size_t{1} << 24;
  if (H5Tget_size(type.get()) > longest) throw Error(ErrorKind::input, "{}: is damaged", what);
  std::vector<char> text(H5Tget_size(type.get()) + 1, '\0');
  check(H5Aread(attribute.get(), type.get(), text.data()), what);
  return text.data();
}

double read_number_attribute(const File& file, const std::string& object, const std::string& name) {
  const std::string what = describe(file, object, name);
  const Handle attribute = open(file, object, name);
  const Handle type(H5Aget_type(attribute.get()), what);
  check_type(type.get(), what);
  const H5T_class_t kind = H5Tget_class(type.get());
  const Handle space(H5Aget_space(attribute.get()), what);
  if ((kind != H5T_INTEGER && kind != H5T_FLOAT) || H5Sget_simple_extent_npoints(space.get()) != 1) {
    throw Error(ErrorKind::input, "{}: is not a number", what);
  }
  double value = 0;
  check(H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &value), what);
  return value;
}

}  // namespace rnn_rates::h5
