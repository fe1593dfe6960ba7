#include "h5/filters.hpp"

#include <hdf5.h>

#ifdef RNN_RATES_WITH_BLOSC
#include <blosc.h>
#endif
#ifdef RNN_RATES_WITH_LZF
#include <lzf.h>
#endif

#include <algorithm>
#include <array>
#include <limits>

#include "core/error.hpp"

namespace rnn_rates::h5 {
namespace {

/// https://github.com/HDFGroup/hdf5_plugins/blob/master/docs/RegisteredFilterPlugins.md
struct KnownFilter {
  H5Z_filter_t id;
  const char* name;
};
constexpr std::array<KnownFilter, 12> known_filters = {{{H5Z_FILTER_SZIP, "szip"},
                                                        {305, "lzo"},
                                                        {307, "bzip2"},
                                                        {32000, "lzf"},
                                                        {32001, "blosc"},
                                                        {32004, "lz4"},
                                                        {32008, "bitshuffle"},
                                                        {32013, "zfp"},
                                                        {32015, "zstd"},
                                                        {32019, "jpeg"},
                                                        {32024, "sz3"},
                                                        {32026, "blosc2"}}};

#if defined(RNN_RATES_WITH_LZF) || defined(RNN_RATES_WITH_BLOSC)

/// Puts what was unpacked in the place of what was packed; gives back its size, 0 for none as HDF5 wants it.
std::size_t replace(std::size_t unpacked_bytes, void* unpacked, std::size_t room, std::size_t* buffer_bytes,
                    void** buffer) {
  if (unpacked_bytes == 0) {
    H5free_memory(unpacked);
    return 0;
  }
  H5free_memory(*buffer);
  *buffer = unpacked;
  *buffer_bytes = room;
  return unpacked_bytes;
}

void register_reader(int id, const char* name, H5Z_func_t unpack) {
  const H5Z_class2_t filter{H5Z_CLASS_T_VERS, id, 0, 1, name, nullptr, nullptr, unpack};
  check(H5Zregister(&filter), name);
}

#endif

#ifdef RNN_RATES_WITH_LZF

/// h5py stores the bytes of a chunk as the filter's third number (h5py/lzf/lzf_filter.c).
std::size_t unpack_lzf(unsigned flags, std::size_t count, const unsigned numbers[], std::size_t packed_bytes,
                       std::size_t* buffer_bytes, void** buffer) {
  if ((flags & H5Z_FLAG_REVERSE) == 0 || count < 3 || numbers[2] == 0 ||
      packed_bytes > std::numeric_limits<unsigned>::max())
    return 0;
  void* unpacked = H5allocate_memory(numbers[2], false);
  if (unpacked == nullptr) return 0;
  const unsigned bytes = lzf_decompress(*buffer, static_cast<unsigned>(packed_bytes), unpacked, numbers[2]);
  return replace(bytes, unpacked, numbers[2], buffer_bytes, buffer);
}

#endif

#ifdef RNN_RATES_WITH_BLOSC

std::size_t unpack_blosc(unsigned flags, std::size_t, const unsigned[], std::size_t packed_bytes,
                         std::size_t* buffer_bytes, void** buffer) {
  std::size_t room = 0;
  if ((flags & H5Z_FLAG_REVERSE) == 0 || blosc_cbuffer_validate(*buffer, packed_bytes, &room) < 0) return 0;
  void* unpacked = H5allocate_memory(std::max<std::size_t>(room, 1), false);
  if (unpacked == nullptr) return 0;
  const int bytes = blosc_decompress_ctx(*buffer, unpacked, room, 1);
  return replace(static_cast<std::size_t>(std::max(bytes, 0)), unpacked, room, buffer_bytes, buffer);
}

#endif

/// What the filter is registered as, else what the file calls it.
std::string name_of(H5Z_filter_t id, const char* stored) {
  const auto* const found =
      std::find_if(known_filters.begin(), known_filters.end(), [&](const auto& one) { return one.id == id; });
  if (found != known_filters.end()) return found->name;
  return *stored == '\0' ? "unknown" : stored;
}

}  // namespace

void register_filters() {
#ifdef RNN_RATES_WITH_LZF
  register_reader(32000, "lzf", unpack_lzf);
#endif
#ifdef RNN_RATES_WITH_BLOSC
  register_reader(32001, "blosc", unpack_blosc);
#endif
}

void check_filters(const Handle& creation_properties, const std::string& where) {
  const int filters = H5Pget_nfilters(creation_properties.get());
  for (int i = 0; i < filters; ++i) {
    std::array<char, 256> name{};
    unsigned flags = 0;
    std::size_t numbers = 0;
    const H5Z_filter_t id = H5Pget_filter2(creation_properties.get(), static_cast<unsigned>(i), &flags,
                                           &numbers, nullptr, name.size() - 1, name.data(), nullptr);
    if (id < 0 || H5Zfilter_avail(id) > 0) continue;
    take_reason();
    throw Error(ErrorKind::input,
                "{}: packed by the filter '{}' ({}), which this HDF5 lacks. Name the folder of its plugin in "
                "HDF5_PLUGIN_PATH, or unpack a copy where the filter is installed: h5repack -f GZIP=4 IN OUT",
                where, name_of(id, name.data()), id);
  }
}

}  // namespace rnn_rates::h5
