#include "h5/library_version.hpp"

#include <fmt/format.h>
#include <hdf5.h>

namespace rnn_rates::h5 {

std::string library_version() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return fmt::format("{}.{}.{}", major, minor, release);
}

}  // namespace rnn_rates::h5
