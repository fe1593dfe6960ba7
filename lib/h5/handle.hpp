#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace rnn_rates::h5 {

/// HDF5's hid_t: its header is included nowhere but in the sources of this folder.
using Id = std::int64_t;

/// Owns one HDF5 identifier of any kind.
class Handle {
 public:
  Handle() = default;
  /// Takes `id`; a negative one throws Error(runtime) with `what` and HDF5's own reason.
  Handle(Id id, const std::string& what);
  ~Handle();
  Handle(Handle&& other) noexcept;
  Handle& operator=(Handle&& other) noexcept;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  Id get() const { return id_; }
  bool valid() const { return id_ >= 0; }
  /// Closes now and throws Error(runtime) where that fails: the last writes of a file happen here.
  void close(const std::string& what);

 private:
  Id id_ = -1;
};

/// The innermost reason on HDF5's error stack, which is then cleared; "" where there is none. Throws LimitMet
/// where HDF5 did not get memory because there is none: it may also ask for too much, as a damaged file says.
std::string take_reason();

/// Throws Error(runtime) with `what` and HDF5's reason if `status` is negative.
void check(int status, const std::string& what);

/// Throws Error(input) unless the bits that a stored type names lie inside it, members of records included.
/// HDF5 1.10 does not ask, and reads and writes wherever a damaged type points to.
void check_type(Id type, const std::string& where);

/// A type of texts, UTF-8, of so many bytes each or of any length.
Handle text_type(std::size_t bytes);
Handle variable_text_type();
/// Texts as HDF5 takes those of any length.
std::vector<const char*> pointers(const std::vector<std::string>& texts);

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

/// Of the HDF5 that is loaded, such as "1.10.8".
std::string library_version();

}  // namespace rnn_rates::h5
