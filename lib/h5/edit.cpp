#include "h5/edit.hpp"

#include <fcntl.h>
#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <utility>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

#include "core/descriptor.hpp"
#include "core/error.hpp"
#include "core/limits.hpp"

namespace rnn_rates::h5 {
namespace {

/// Why the file could not be read; 0 where it could.
struct Outcome {
  Edit edit;
  int read_failure = 0;
};

/// A file in HDF5's terms: its public part comes first.
struct Overlay {
  H5FD_t hdf5_part;
  Descriptor below;  ///< none of a new file
  haddr_t end;       ///< of what HDF5 has allocated
  Outcome* outcome;
};

Overlay* overlay_of(H5FD_t* file) { return reinterpret_cast<Overlay*>(file); }
const Overlay* overlay_of(const H5FD_t* file) { return reinterpret_cast<const Overlay*>(file); }

/// Reads from the file below; zeros beyond its end.
bool read_stored(const Overlay& overlay, std::uint64_t offset, char* bytes, std::size_t size) {
  const int below = overlay.below.get();
  if (below < 0) std::memset(bytes, 0, size);
  for (std::size_t done = 0; below >= 0 && done < size;) {
    const ssize_t got = ::pread(below, bytes + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      overlay.outcome->read_failure = errno;
      return false;
    }
    if (got == 0) {
      std::memset(bytes + done, 0, size - done);
      return true;
    }
    done += static_cast<std::size_t>(got);
  }
  return true;
}

/// Calls `use(page offset, begin in page, bytes from there, offset in the whole)` for each page that
/// [begin, begin + size) touches, until one fails.
template <class Use>
bool for_pages(std::uint64_t begin, std::size_t size, Use&& use) {
  for (std::size_t done = 0; done < size;) {
    const std::uint64_t inside = (begin + done) % Edit::page_bytes;
    const std::size_t bytes = std::min<std::size_t>(Edit::page_bytes - inside, size - done);
    if (!use(begin + done - inside, inside, bytes, done)) return false;
    done += bytes;
  }
  return true;
}

H5FD_t* open_overlay(const char* name, unsigned flags, hid_t properties, haddr_t) {
  const auto* outcome = static_cast<Outcome* const*>(H5Pget_driver_info(properties));
  if (outcome == nullptr) return nullptr;
  auto overlay = std::make_unique<Overlay>();
  overlay->outcome = *outcome;
  if ((flags & H5F_ACC_CREAT) == 0) {
    struct stat status {};
    overlay->below = Descriptor(::open(name, O_RDONLY | O_CLOEXEC));
    if (overlay->below.get() < 0 || ::fstat(overlay->below.get(), &status) != 0) {
      overlay->outcome->read_failure = errno;
      return nullptr;
    }
    overlay->outcome->edit.size = static_cast<std::uint64_t>(status.st_size);
  }
  return &overlay.release()->hdf5_part;
}

herr_t close_overlay(H5FD_t* file) {
  delete overlay_of(file);
  return 0;
}

/// The same as of HDF5's own driver for plain files, so that it lays the file out as it would there.
herr_t query(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA;
  return 0;
}

haddr_t allocated_end(const H5FD_t* file, H5FD_mem_t) { return overlay_of(file)->end; }

herr_t set_allocated_end(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  overlay_of(file)->end = end;
  return 0;
}

haddr_t stored_end(const H5FD_t* file, H5FD_mem_t) { return overlay_of(file)->outcome->edit.size; }

herr_t read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t offset, size_t size, void* bytes) {
  const Overlay& overlay = *overlay_of(file);
  const auto& pages = overlay.outcome->edit.pages;
  const auto read_page = [&](std::uint64_t page, std::size_t inside, std::size_t count, std::size_t at) {
    char* to = static_cast<char*>(bytes) + at;
    const auto changed = pages.find(page);
    if (changed == pages.end()) return read_stored(overlay, page + inside, to, count);
    std::memcpy(to, changed->second.data() + inside, count);
    return true;
  };
  return for_pages(offset, size, read_page) ? 0 : -1;
}

herr_t write(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t offset, size_t size, const void* bytes) {
  const Overlay& overlay = *overlay_of(file);
  Edit& edit = overlay.outcome->edit;
  const auto write_page = [&](std::uint64_t page, std::size_t inside, std::size_t count, std::size_t at) {
    const auto [changed, fresh] = edit.pages.try_emplace(page);
    if (fresh) {
      changed->second.resize(Edit::page_bytes);
      if (!read_stored(overlay, page, changed->second.data(), Edit::page_bytes)) return false;
    }
    std::memcpy(changed->second.data() + inside, static_cast<const char*>(bytes) + at, count);
    return true;
  };
  edit.size = std::max<std::uint64_t>(edit.size, offset + size);
  try {
    return for_pages(offset, size, write_page) ? 0 : -1;
  } catch (const std::bad_alloc&) {
    return -1;  // C code must not be unwound.
  }
}

herr_t set_size(H5FD_t* file, hid_t, hbool_t) {
  overlay_of(file)->outcome->edit.size = overlay_of(file)->end;
  return 0;
}

hid_t overlay_driver() {
  static const hid_t driver = [] {
    static H5FD_class_t callbacks{};
#if H5_VERSION_GE(1, 13, 0)
    callbacks.version = H5FD_CLASS_VERSION;
    callbacks.value = static_cast<H5FD_class_value_t>(511);  // The last of those for drivers of a program.
#endif
    callbacks.name = "rnn_rates_overlay";
    callbacks.maxaddr = static_cast<haddr_t>(INT64_MAX);
    callbacks.fc_degree = H5F_CLOSE_WEAK;
    callbacks.fapl_size = sizeof(void*);  // A pointer to Outcome.
    callbacks.open = open_overlay;
    callbacks.close = close_overlay;
    callbacks.query = query;
    callbacks.get_eoa = allocated_end;
    callbacks.set_eoa = set_allocated_end;
    callbacks.get_eof = stored_end;
    callbacks.read = read;
    callbacks.write = write;
    callbacks.truncate = set_size;
    constexpr H5FD_mem_t kinds[] = H5FD_FLMAP_DICHOTOMY;
    std::copy(std::begin(kinds), std::end(kinds), callbacks.fl_map);
    return H5FDregister(&callbacks);
  }();
  return driver;
}

/// Calls `change` with what `open` opens with properties that keep changes in memory, and closes it.
template <class Open>
Edit edit_of(Open&& open, const std::filesystem::path& path, const std::function<void(File&)>& change) {
  Outcome outcome;
  Outcome* const where = &outcome;
  const auto check_read = [&] {
    if (outcome.read_failure == 0) return;
    check_limits(outcome.read_failure, path.string());
    throw Error(ErrorKind::input, "{}: cannot be read: {}", path.string(),
                std::strerror(outcome.read_failure));
  };
  try {
    const Handle properties = access_properties();
    check(H5Pset_driver(properties.get(), overlay_driver(), &where), "file access properties");
    File file = open(properties);
    change(file);
    file.flush();
    file.close();
  } catch (const Error&) {
    check_read();
    throw;
  }
  check_read();
  return std::move(outcome.edit);
}

}  // namespace

Edit edit_in_memory(const std::filesystem::path& path, const std::function<void(File&)>& change) {
  return edit_of([&](const Handle& properties) { return File::open_edit(path, properties); }, path, change);
}

std::string build_image(const std::filesystem::path& name, const std::function<void(File&)>& fill) {
  const Edit edit =
      edit_of([&](const Handle& properties) { return File::create(name, properties, name); }, name, fill);
  std::string image(edit.size, '\0');
  for (const auto& [offset, page] : edit.pages) {
    if (offset < edit.size) page.copy(&image[offset], edit.size - offset);
  }
  return image;
}

void write_edit(const Edit& edit, AtomicFile& copy, const std::function<void()>& before_each) {
  for (const auto& [offset, page] : edit.pages) {
    if (before_each) before_each();
    if (offset < edit.size)
      copy.write(std::string_view(page).substr(0, std::min<std::size_t>(page.size(), edit.size - offset)),
                 offset);
  }
  if (::ftruncate(copy.descriptor(), static_cast<off_t>(edit.size)) == 0) return;
  throw Error(ErrorKind::output, "{}: a copy of it cannot be written: {}. The file is as it was.",
              copy.target().string(), std::strerror(errno));
}

}  // namespace rnn_rates::h5
