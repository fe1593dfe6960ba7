#include "h5/links.hpp"

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace rnn_rates::h5 {
namespace {

namespace fs = std::filesystem;

/// As many as HDF5 itself follows by default.
constexpr int most_links = 16;
constexpr int most_nested_sources = 8;

/// True where `path`, all symbolic links resolved, lies in or below `folder`.
bool is_inside(const fs::path& path, const fs::path& folder) {
  std::error_code failure;
  const fs::path whole = fs::weakly_canonical(path, failure), root = fs::canonical(folder, failure);
  return !failure && std::mismatch(root.begin(), root.end(), whole.begin(), whole.end()).first == root.end();
}

/// Where the file `name`, which something in `holder` refers to, lies; `what` says what refers to it. Throws
/// where `root` may not refer to it, or where it is missing.
fs::path locate(const File& root, const fs::path& holder, const std::string& name, const std::string& what) {
  std::error_code failure;
  fs::path target = folder_of(holder) / name;
  // Where the holder is a symbolic link itself, its own folder counts too.
  const fs::path beside_real = folder_of(fs::weakly_canonical(holder, failure)) / name;
  if (!fs::exists(target, failure) && fs::exists(beside_real, failure)) target = beside_real;
  if (root.reach() == Reach::folder) {
    const fs::path real = fs::weakly_canonical(root.path(), failure);
    if (!is_inside(target, folder_of(root.path())) && !is_inside(target, folder_of(real))) {
      throw Error(ErrorKind::input,
                  "{} in the file {}, which lies outside the folder {}. Copy it in there, or follow it with "
                  "--allow-external.",
                  what, target.string(), folder_of(root.path()).string());
    }
  }
  // Sources of an unlimited virtual dataset are named by a pattern such as part-%b.h5.
  if (name.find('%') == std::string::npos && !fs::exists(target, failure)) {
    throw Error(ErrorKind::input, "{} in the file {}, which is not there. Restore it.", what,
                target.string());
  }
  return target;
}

std::vector<std::string> parts_of(const std::string& object) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < object.size();) {
    const std::size_t next = std::min(object.find('/', at), object.size());
    if (next > at && object.substr(at, next - at) != ".") parts.push_back(object.substr(at, next - at));
    at = next + 1;
  }
  return parts;
}

/// One walk from the root of a file along links, maybe into other files.
class Walk {
 public:
  Walk(const File& root, const std::string& object) : root_(root), object_(object) {
    const auto parts = parts_of(object);
    left_.assign(parts.begin(), parts.end());
  }

  bool run() {
    while (!left_.empty()) {
      const std::string path = at_ + "/" + left_.front();
      left_.pop_front();
      if (H5Lexists(file().id(), path.c_str(), H5P_DEFAULT) <= 0) return missing();
      H5L_info_t info;
      check(H5Lget_info(file().id(), path.c_str(), &info, H5P_DEFAULT), file().where(path));
      if (info.type == H5L_TYPE_HARD) {
        at_ = path;
      } else {
        follow(path, info);
      }
    }
    return at_.empty() || H5Oexists_by_name(file().id(), at_.c_str(), H5P_DEFAULT) > 0 || missing();
  }

  const File& file() const { return elsewhere_ ? *elsewhere_ : root_; }

 private:
  bool missing() const {
    if (last_link_.empty()) return false;
    throw Error(ErrorKind::input, "{}, which is not there. Mend or remove the link.", last_link_);
  }

  void go_on(const std::string& target) {
    const auto parts = parts_of(target);
    left_.insert(left_.begin(), parts.begin(), parts.end());
  }

  void follow(const std::string& path, const H5L_info_t& info) {
    const std::string where = file().where(path);
    if (++links_ > most_links) {
      throw Error(
          ErrorKind::input,
          "{}: more than {} links lie on the way to it, the last at {}; they may lead in a circle. Mend or "
          "remove them.",
          root_.where(object_), most_links, where);
    }
    if (info.type != H5L_TYPE_SOFT && info.type != H5L_TYPE_EXTERNAL) {
      throw Error(ErrorKind::input, "{}: is a link of a kind that only another program knows", where);
    }
    if (info.u.val_size == 0 || info.u.val_size > 65536) {
      throw Error(ErrorKind::input, "{}: is a damaged link", where);
    }
    std::vector<char> value(info.u.val_size + 1, '\0');
    check(H5Lget_val(file().id(), path.c_str(), value.data(), info.u.val_size, H5P_DEFAULT), where);
    if (info.type == H5L_TYPE_EXTERNAL) return follow_external(where, value);
    const std::string target = value.data();
    last_link_ = fmt::format("{}: is a soft link to {}", where, target);
    if (target.starts_with('/')) at_.clear();
    go_on(target);
  }

  void follow_external(const std::string& where, const std::vector<char>& value) {
    const char *name = nullptr, *target = nullptr;
    check(H5Lunpack_elink_val(value.data(), value.size() - 1, nullptr, &name, &target), where);
    last_link_ = fmt::format("{}: is an external link to {} in {}", where, target, name);
    const fs::path path =
        locate(root_, file().path(), name, fmt::format("{}: is an external link to {}", where, target));
    elsewhere_.reset();
    if (!fs::equivalent(path, root_.path())) elsewhere_.emplace(File::open_linked(path, root_.reach()));
    at_.clear();
    go_on(target);
  }

  const File& root_;
  std::string object_, at_, last_link_;
  std::deque<std::string> left_;
  std::optional<File> elsewhere_;
  int links_ = 0;
};

template <class Get>
std::string text_of(Get&& get, const std::string& where) {
  const ssize_t length = get(nullptr, 0);
  if (length < 0) check(-1, where);
  std::string text(static_cast<std::size_t>(length), '\0');
  get(text.data(), text.size() + 1);
  return text;
}

Handle open_checked(const File& root, const File& file, const std::string& object, int depth);

void check_source(const File& root, const fs::path& holder, Id properties, std::size_t index,
                  const std::string& where, int depth) {
  const auto name = text_of(
      [&](char* text, std::size_t size) { return H5Pget_virtual_filename(properties, index, text, size); },
      where);
  const auto object = text_of(
      [&](char* text, std::size_t size) { return H5Pget_virtual_dsetname(properties, index, text, size); },
      where);
  if (name.find('%') != std::string::npos || object.find('%') != std::string::npos) {
    if (name != ".") locate(root, holder, name, where + ": takes values from " + object);
    return;
  }
  const fs::path path =
      name == "." ? holder : locate(root, holder, name, where + ": takes values from " + object);
  if (depth > most_nested_sources) {
    throw Error(ErrorKind::input, "{}: takes values from {} in {}, which may take them from here: a circle",
                where, object, path.string());
  }
  std::optional<File> other;
  if (!fs::equivalent(path, root.path())) other.emplace(File::open_linked(path, root.reach()));
  const File& file = other ? *other : root;
  Walk walk(file, object);
  if (!walk.run()) {
    throw Error(ErrorKind::input, "{}: takes values from {}, which is not there. Restore it.", where,
                file.where(object));
  }
  open_checked(root, file, object, depth + 1);
}

void check_raw_files(const File& root, const fs::path& holder, Id properties, const std::string& where) {
  const int count = H5Pget_external_count(properties);
  for (int i = 0; i < count; ++i) {
    std::array<char, 4096> name{};
    check(
        H5Pget_external(properties, static_cast<unsigned>(i), name.size() - 1, name.data(), nullptr, nullptr),
        where);
    locate(root, holder, name.data(), where + ": keeps its values");
  }
}

Handle reopen_with_raw_files_beside_it(const File& file, const std::string& object) {
  const std::string where = file.where(object);
  const Handle access(H5Pcreate(H5P_DATASET_ACCESS), where);
  check(H5Pset_efile_prefix(access.get(), "${ORIGIN}"), where);
  return Handle(H5Dopen2(file.id(), object.c_str(), access.get()), where);
}

/// `root` says how far `file`, which it may have led to, may lead.
Handle open_checked(const File& root, const File& file, const std::string& object, int depth) {
  const std::string where = file.where(object);
  Handle dataset(H5Dopen2(file.id(), object.c_str(), H5P_DEFAULT), where);
  const Handle properties(H5Dget_create_plist(dataset.get()), where);
  const bool has_raw_files = H5Pget_external_count(properties.get()) > 0;
  const bool is_virtual = H5Pget_layout(properties.get()) == H5D_VIRTUAL;
  if (!has_raw_files && !is_virtual) return dataset;
  const fs::path holder =
      text_of([&](char* text, std::size_t size) { return H5Fget_name(dataset.get(), text, size); }, where);
  check_raw_files(root, holder, properties.get(), where);
  std::size_t sources = 0;
  if (is_virtual) check(H5Pget_virtual_count(properties.get(), &sources), where);
  for (std::size_t i = 0; i < sources; ++i) check_source(root, holder, properties.get(), i, where, depth);
  if (!has_raw_files) return dataset;
  dataset = {};
  return reopen_with_raw_files_beside_it(file, object);
}

}  // namespace

bool exists(const File& file, const std::string& object) { return Walk(file, object).run(); }

Handle open_dataset(const File& file, const std::string& object) {
  return open_checked(file, file, object, 0);
}

}  // namespace rnn_rates::h5
