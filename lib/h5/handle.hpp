#pragma once

#include <hdf5.h>

#include <string>

#include "core/error.hpp"

namespace rnn_rates::h5 {

/// Owns one HDF5 identifier of any kind.
class Handle {
 public:
  Handle() = default;
  /// Takes `id`; a negative one throws Error(runtime) with `what` and HDF5's own reason.
  Handle(hid_t id, const std::string& what);
  ~Handle();
  Handle(Handle&& other) noexcept;
  Handle& operator=(Handle&& other) noexcept;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  hid_t get() const { return id_; }
  bool valid() const { return id_ >= 0; }
  /// Closes now and throws Error(runtime) where that fails: the last writes of a file happen here.
  void close(const std::string& what);

 private:
  hid_t id_ = -1;
};

/// The innermost reason on HDF5's error stack, which is then cleared; "" where there is none.
std::string take_reason();

/// Throws Error(runtime) with `what` and HDF5's reason if `status` is negative.
void check(herr_t status, const std::string& what);

/// Throws Error(input) unless the bits that a stored type names lie inside it, members of records included.
/// HDF5 1.10 does not ask, and reads and writes wherever a damaged type points to.
void check_type(hid_t type, const std::string& where);

/// What `read` returns; where HDF5 itself fails in it, which healthy files do not make it do, Error(input).
template <class Read>
auto reading(Read&& read) {
  try {
    return read();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::runtime) throw;
    throw Error(ErrorKind::input, "{}. The file is damaged.", error.what());
  }
}

/// Stops HDF5 from printing its error stack, as every failure is thrown instead, and has it keep memory from
/// one file for the next. Called by every open.
void set_up();

}  // namespace rnn_rates::h5
