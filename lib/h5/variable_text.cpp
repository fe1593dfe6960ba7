#include "h5/variable_text.hpp"

namespace rnn_rates::h5 {
namespace {

Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1), "text type");
  check(H5Tset_size(type.get(), H5T_VARIABLE), "text type");
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "text type");
  return type;
}

Handle space_of(const std::vector<std::string>& values, bool scalar) {
  const hsize_t count = values.size();
  return Handle(scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, nullptr), "space of texts");
}

std::vector<const char*> pointers(const std::vector<std::string>& values) {
  std::vector<const char*> all;
  all.reserve(values.size());
  for (const std::string& value : values) all.push_back(value.c_str());
  return all;
}

void write_attribute(File& file, const std::string& object, const std::string& name,
                     const std::vector<std::string>& values, bool scalar) {
  const std::string what = file.where(object) + " attribute '" + name + "'";
  const Handle type = text_type(), space = space_of(values, scalar);
  Handle attribute(H5Acreate_by_name(file.id(), object.c_str(), name.c_str(), type.get(), space.get(),
                                     H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                   what);
  check(H5Awrite(attribute.get(), type.get(), pointers(values).data()), what);
  attribute.close(what);
}

void write_dataset(File& file, const std::string& object, const std::vector<std::string>& values,
                   bool scalar) {
  create_group(file, object.substr(0, object.rfind('/')));
  const std::string what = file.where(object);
  const Handle type = text_type(), space = space_of(values, scalar);
  Handle dataset(
      H5Dcreate2(file.id(), object.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
      what);
  check(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers(values).data()), what);
  dataset.close(what);
}

}  // namespace

void write_variable_attribute(File& file, const std::string& object, const std::string& name,
                              const std::string& value) {
  write_attribute(file, object, name, {value}, true);
}

void write_variable_attribute(File& file, const std::string& object, const std::string& name,
                              const std::vector<std::string>& values) {
  write_attribute(file, object, name, values, false);
}

void write_variable_text(File& file, const std::string& object, const std::string& value) {
  write_dataset(file, object, {value}, true);
}

void write_variable_texts(File& file, const std::string& object, const std::vector<std::string>& values) {
  write_dataset(file, object, values, false);
}

}  // namespace rnn_rates::h5
