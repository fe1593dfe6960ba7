#include "cli/versions.hpp"

#include <fmt/format.h>
#include <spdlog/version.h>

#include <CLI/Version.hpp>
#include <Eigen/Core>

#include "h5/handle.hpp"
#include "mpi/group.hpp"

namespace rnn_rates::cli {

std::string library_versions() {
  return fmt::format("HDF5 {}, {}, Eigen {}.{}.{}, fmt {}.{}.{}, spdlog {}.{}.{}, CLI11 {}",
                     h5::library_version(), mpi::library_version(), EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION,
                     EIGEN_MINOR_VERSION, FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100,
                     SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH, CLI11_VERSION);
}

}  // namespace rnn_rates::cli
