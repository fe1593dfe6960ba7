#include "h5/image.hpp"

#include <hdf5.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace rnn_rates::h5 {
namespace {

// Callbacks of HDF5's "core" driver. The buffer is complete, its superblock included, only when the driver
// closes and frees it; H5Fget_file_image gives out a superblock whose checksum is wrong (HDF5 1.10.8).

void* allocate(std::size_t size, H5FD_file_image_op_t, void*) { return std::malloc(size); }

void* copy_bytes(void* to, const void* from, std::size_t size, H5FD_file_image_op_t, void*) {
  return std::memcpy(to, from, size);
}

void* reallocate(void* buffer, std::size_t size, H5FD_file_image_op_t, void*) {
  return std::realloc(buffer, size);
}

/// `image` has the size of the file; at the end it gets the bytes.
herr_t release(void* buffer, H5FD_file_image_op_t operation, void* image) {
  if (operation == H5FD_FILE_IMAGE_OP_FILE_CLOSE) {
    auto& bytes = *static_cast<std::string*>(image);
    std::memcpy(bytes.data(), buffer, bytes.size());
  }
  std::free(buffer);
  return 0;
}

void* share_image(void* image) { return image; }

herr_t keep_image(void*) { return 0; }

/// The driver's buffer grows in large steps. A superblock of version 2 or 3 has the address of the file's end
/// in bytes 28 to 35, least significant first (HDF5 File Format Specification 2.0, III.A).
std::size_t used_bytes(const std::string& image) {
  std::size_t end = 0;
  for (std::size_t byte = 36; byte-- > 28;) end = end * 256 + static_cast<unsigned char>(image[byte]);
  return std::min(end, image.size());
}

}  // namespace

std::string build_image(const std::filesystem::path& name, const std::function<void(File&)>& fill) {
  constexpr std::size_t growth = std::size_t{1} << 20;
  std::string image;
  H5FD_file_image_callbacks_t callbacks{allocate,    copy_bytes, reallocate, release,
                                        share_image, keep_image, &image};
  const Handle properties = access_properties();
  check(H5Pset_file_image_callbacks(properties.get(), &callbacks), "file access properties");
  check(H5Pset_fapl_core(properties.get(), growth, false), "file access properties");
  // HDF5 would read a file of that name into memory first.
  File file = File::create(name / "in memory", properties, name);
  fill(file);
  image.resize(file.size());
  file.close();
  image.resize(used_bytes(image));
  return image;
}

}  // namespace rnn_rates::h5
