#include "h5/chunks.hpp"

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <vector>

namespace rnn_rates::h5 {
namespace {

/// Chunks that hold one index of the first axis, or all of a vector.
std::size_t chunks_of_row(std::span<const std::size_t> shape, std::span<const hsize_t> chunk) {
  std::size_t chunks = 1;
  for (std::size_t axis = shape.size() == 1 ? 0 : 1; axis < shape.size(); ++axis)
    chunks *= (shape[axis] + chunk[axis] - 1) / std::max<hsize_t>(chunk[axis], 1);
  return chunks;
}

}  // namespace

void check_chunks(const Handle& dataset, const Handle& properties, const std::string& where) {
  if (H5Pget_layout(properties.get()) != H5D_CHUNKED) return;
  std::array<hsize_t, H5S_MAX_RANK> chunk{}, now{}, most{};
  const int rank = H5Pget_chunk(properties.get(), H5S_MAX_RANK, chunk.data());
  const Handle space(H5Dget_space(dataset.get()), where);
  if (rank != H5Sget_simple_extent_ndims(space.get()) ||
      H5Sget_simple_extent_dims(space.get(), now.data(), most.data()) != rank) {
    throw Error(ErrorKind::input, "{}: has chunks of another shape than its own. It is damaged.", where);
  }
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(rank); ++axis) {
    if (now[axis] == 0 || most[axis] == H5S_UNLIMITED || chunk[axis] <= most[axis]) continue;
    throw Error(ErrorKind::input,
                "{}: declares chunks of {} along axis {}, which has at most {}. It is damaged.", where,
                chunk[axis], axis, most[axis]);
  }
}

std::optional<Handle> access_to_packed_rows(const Handle& dataset, std::span<const std::size_t> shape,
                                            const std::string& where) {
  constexpr double usual_bytes = 1 << 20, most_bytes = 256 << 20;
  constexpr std::size_t usual_places = 521;
  const Handle properties(H5Dget_create_plist(dataset.get()), where), type(H5Dget_type(dataset.get()), where);
  if (H5Pget_layout(properties.get()) != H5D_CHUNKED || H5Pget_nfilters(properties.get()) == 0)
    return std::nullopt;
  std::vector<hsize_t> chunk(shape.size());
  check(H5Pget_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()), where);
  auto chunk_bytes = static_cast<double>(H5Tget_size(type.get()));
  for (const hsize_t extent : chunk) chunk_bytes *= static_cast<double>(extent);
  std::size_t chunks = chunks_of_row(shape, chunk);
  if (static_cast<double>(chunks) * chunk_bytes > most_bytes) chunks = 1;
  const double bytes = static_cast<double>(chunks) * chunk_bytes;
  if (bytes <= usual_bytes || bytes > most_bytes) return std::nullopt;
  Handle access(H5Pcreate(H5P_DATASET_ACCESS), where);
  check(H5Pset_chunk_cache(access.get(), std::max(usual_places, 10 * chunks + 1),
                           static_cast<std::size_t>(bytes), H5D_CHUNK_CACHE_W0_DEFAULT),
        where);
  return access;
}

}  // namespace rnn_rates::h5
