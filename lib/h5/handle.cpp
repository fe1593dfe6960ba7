#include "h5/handle.hpp"

#include <utility>

namespace rnn_rates::h5 {
namespace {

herr_t keep_innermost(unsigned depth, const H5E_error2_t* entry, void* reason) {
  if (depth == 0 && entry->desc != nullptr) *static_cast<std::string*>(reason) = entry->desc;
  return 0;
}

/// At exit HDF5 would flush files that a full disk kept it from closing, and crash; ours are closed by then.
/// This must come before any other call, and even H5F_ACC_RDONLY is one.
[[maybe_unused]] const herr_t no_flush_at_exit = H5dont_atexit();

}  // namespace

void silence() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

std::string take_reason() {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &reason);
  H5Eclear2(H5E_DEFAULT);
  return reason;
}

void check(herr_t status, const std::string& what) {
  if (status < 0) throw Error(ErrorKind::runtime, "{}: HDF5 says: {}", what, take_reason());
}

Handle::Handle(hid_t id, const std::string& what) : id_(id) {
  if (id < 0) throw Error(ErrorKind::runtime, "{}: HDF5 says: {}", what, take_reason());
}

Handle::~Handle() {
  if (id_ >= 0) H5Idec_ref(id_);
}

Handle::Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)) {}

Handle& Handle::operator=(Handle&& other) noexcept {
  std::swap(id_, other.id_);
  return *this;
}

void Handle::close(const std::string& what) {
  const hid_t id = std::exchange(id_, -1);
  if (id >= 0 && H5Idec_ref(id) < 0)
    throw Error(ErrorKind::runtime, "{}: HDF5 says: {}", what, take_reason());
}

}  // namespace rnn_rates::h5
