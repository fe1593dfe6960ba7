#include "h5/references.hpp"

#include <hdf5.h>

#include <array>
#include <map>

#include "h5/dataset.hpp"

namespace rnn_rates::h5 {
namespace {

std::string path_of(const Dataset& dataset, const hobj_ref_t& reference) {
  constexpr std::size_t longest = 4096;
  const Id id = H5Rdereference2(dataset.id(), H5P_DEFAULT, H5R_OBJECT, &reference);
  if (id < 0) {
    throw Error(ErrorKind::input, "{}: refers to nothing in this file: {}", dataset.where(), take_reason());
  }
  const Handle object(id, dataset.where());
  std::array<char, longest> name{};
  if (H5Iget_name(object.get(), name.data(), name.size()) < 0) take_reason();
  return name.data();
}

struct Record {
  std::int32_t start, count;
  hobj_ref_t object;
};

hobj_ref_t reference_to(const File& file, const std::string& object) {
  hobj_ref_t reference{};
  check(H5Rcreate(&reference, file.id(), object.c_str(), H5R_OBJECT, -1), file.where(object));
  return reference;
}

}  // namespace

std::vector<std::string> read_references(const File& file, const std::string& object) {
  const Dataset dataset(file, object);
  if (H5Tequal(Handle(H5Dget_type(dataset.id()), dataset.where()).get(), H5T_STD_REF_OBJ) <= 0)
    throw Error(ErrorKind::input, "{}: holds no references to objects", dataset.where());
  dataset.check_length();
  std::vector<hobj_ref_t> references(dataset.length());
  const std::vector<std::size_t> start(dataset.shape().size(), 0);
  dataset.read_block(start, dataset.shape(), H5T_STD_REF_OBJ, references.data());
  // HDF5 looks through the file for each name.
  std::map<hobj_ref_t, std::string> known = {{0, ""}};
  std::vector<std::string> paths;
  paths.reserve(references.size());
  for (const hobj_ref_t& reference : references) {
    if (!known.contains(reference)) known[reference] = path_of(dataset, reference);
    paths.push_back(known[reference]);
  }
  return paths;
}

void write_stretches(File& file, const std::string& object, const std::vector<Stretch>& stretches) {
  create_group(file, object.substr(0, object.rfind('/')));
  const std::string where = file.where(object);
  std::vector<Record> records;
  records.reserve(stretches.size());
  for (const Stretch& stretch : stretches)
    records.push_back({stretch.start, stretch.count, reference_to(file, stretch.object)});
  const Handle type(H5Tcreate(H5T_COMPOUND, sizeof(Record)), where);
  check(H5Tinsert(type.get(), "idx_start", HOFFSET(Record, start), H5T_NATIVE_INT32), where);
  check(H5Tinsert(type.get(), "count", HOFFSET(Record, count), H5T_NATIVE_INT32), where);
  check(H5Tinsert(type.get(), "timeseries", HOFFSET(Record, object), H5T_STD_REF_OBJ), where);
  const hsize_t size = records.size();
  const Handle space(H5Screate_simple(1, &size, nullptr), where);
  Handle dataset(
      H5Dcreate2(file.id(), object.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
      where);
  check(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, records.data()), where);
  dataset.close(where);
}

void write_reference_attribute(File& file, const std::string& object, const std::string& name,
                               const std::string& target) {
  const std::string where = file.where(object);
  const hobj_ref_t reference = reference_to(file, target);
  const Handle space(H5Screate(H5S_SCALAR), where);
  Handle attribute(H5Acreate_by_name(file.id(), object.c_str(), name.c_str(), H5T_STD_REF_OBJ, space.get(),
                                     H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                   where);
  check(H5Awrite(attribute.get(), H5T_STD_REF_OBJ, &reference), where);
  attribute.close(where);
}

}  // namespace rnn_rates::h5
