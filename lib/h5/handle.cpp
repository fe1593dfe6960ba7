#include "h5/handle.hpp"

#include <hdf5.h>

#include <algorithm>
#include <cerrno>
#include <type_traits>
#include <utility>

#include "core/limits.hpp"
#include "h5/filters.hpp"

namespace rnn_rates::h5 {

static_assert(std::is_same_v<Id, hid_t>);

namespace {

struct Reason {
  std::string text;
  bool memory = false;
};

herr_t keep_innermost(unsigned depth, const H5E_error2_t* entry, void* data) {
  Reason& reason = *static_cast<Reason*>(data);
  if (depth == 0 && entry->desc != nullptr) reason.text = entry->desc;
  reason.memory = reason.memory || entry->min_num == H5E_NOSPACE || entry->min_num == H5E_CANTALLOC;
  return 0;
}

/// At exit HDF5 would flush files that a full disk kept it from closing, and crash; ours are closed by then.
/// This must come before any other call, and even H5F_ACC_RDONLY is one.
[[maybe_unused]] const herr_t no_flush_at_exit = H5dont_atexit();

bool bits_inside(Id type) {
  const H5T_class_t kind = H5Tget_class(type);
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) return true;
  const std::size_t size = H5Tget_size(type), precision = H5Tget_precision(type);
  const int offset = H5Tget_offset(type);
  if (size == 0 || size > 64 || precision == 0 || offset < 0) return false;
  const std::size_t end = static_cast<std::size_t>(offset) + precision;
  if (end > 8 * size) return false;
  if (kind == H5T_INTEGER) return true;
  std::size_t sign = 0, exponent = 0, exponent_size = 0, mantissa = 0, mantissa_size = 0;
  if (H5Tget_fields(type, &sign, &exponent, &exponent_size, &mantissa, &mantissa_size) < 0) return false;
  return sign < precision && exponent_size > 0 && mantissa_size > 0 &&
         exponent + exponent_size <= precision && mantissa + mantissa_size <= precision;
}

}  // namespace

void check_type(Id type, const std::string& where) {
  bool sane = bits_inside(type);
  if (H5Tget_class(type) == H5T_COMPOUND) {
    const int members = H5Tget_nmembers(type);
    for (int i = 0; sane && i < members; ++i) {
      const auto index = static_cast<unsigned>(i);
      const Handle member(H5Tget_member_type(type, index), where);
      const std::size_t end = H5Tget_member_offset(type, index) + H5Tget_size(member.get());
      sane = end <= H5Tget_size(type) && bits_inside(member.get());
    }
  }
  if (!sane)
    throw Error(ErrorKind::input, "{}: is of a type that names bits outside its values. It is damaged.",
                where);
}

Handle text_type(std::size_t bytes) {
  Handle type(H5Tcopy(H5T_C_S1), "text type");
  check(H5Tset_size(type.get(), std::max<std::size_t>(bytes, 1)), "text type");
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "text type");
  check(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), "text type");
  return type;
}

Handle variable_text_type() {
  Handle type(H5Tcopy(H5T_C_S1), "text type");
  check(H5Tset_size(type.get(), H5T_VARIABLE), "text type");
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "text type");
  return type;
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> all(texts.size());
  std::transform(texts.begin(), texts.end(), all.begin(),
                 [](const std::string& text) { return text.c_str(); });
  return all;
}

void set_up() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  // An open file takes half a megabyte, which the kernel would have to give and clear for each again.
  constexpr int all_lists = 32 << 20, one_list = 8 << 20;
  [[maybe_unused]] static const herr_t kept =
      H5set_free_list_limits(all_lists, one_list, all_lists, one_list, all_lists, one_list);
  [[maybe_unused]] static const bool registered = (register_filters(), true);
}

std::string take_reason() {
  Reason reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &reason);
  H5Eclear2(H5E_DEFAULT);
  if (reason.memory && is_short_of_memory()) check_limits(ENOMEM, "HDF5");
  return reason.text;
}

void check(int status, const std::string& what) {
  if (status < 0) throw Error(ErrorKind::runtime, "{}: HDF5 says: {}", what, take_reason());
}

Handle::Handle(Id id, const std::string& what) : id_(id) { check(id < 0 ? -1 : 0, what); }

Handle::~Handle() {
  if (id_ >= 0) H5Idec_ref(id_);
}

Handle::Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)) {}

Handle& Handle::operator=(Handle&& other) noexcept {
  std::swap(id_, other.id_);
  return *this;
}

void Handle::close(const std::string& what) {
  const Id id = std::exchange(id_, -1);
  if (id >= 0) check(H5Idec_ref(id), what);
}

std::string library_version() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return fmt::format("{}.{}.{}", major, minor, release);
}

}  // namespace rnn_rates::h5
