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

}  // namespace rnn_rates::h5
