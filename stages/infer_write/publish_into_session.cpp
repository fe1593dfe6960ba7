#include "infer_write/publish_into_session.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/atomic_file.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/file_copy.hpp"
#include "core/file_guard.hpp"
#include "core/stop.hpp"
#include "h5/attribute.hpp"
#include "h5/dataset.hpp"
#include "h5/edit.hpp"

namespace rnn_rates::infer_write {
namespace {

namespace fs = std::filesystem;

const std::string group = "/rnn_output";
/// Attribute of /rnn_output in a session file: content digest of the rates.h5 that it was copied from.
const char* const source_attribute = "rnn_rates_content_digest";

void end_if_stopped(const fs::path& session_file) {
  if (!stop_requested()) return;
  throw Error(ErrorKind::stopped, "{}: stopped by {} before the rates were published: run again to continue",
              session_file.string(), stop_reason());
}

h5::Edit with_rates(const fs::path& session_file, const artifact::Opened& rates) {
  return h5::reading([&] {
    return h5::edit_in_memory(session_file, [&](h5::File& file) {
      h5::remove(file, group);
      h5::copy(rates.file, group, file, group);
      h5::write_attribute(file, group, source_attribute, rates.header.content_digest);
    });
  });
}

std::string values_digest(const h5::File& file) {
  Digest digest;
  for (const std::string& object : h5::datasets_below(file, group)) {
    end_if_stopped(file.path());
    h5::add_to_digest(file, object, digest);
  }
  return digest.hex();
}

void check_copy(const AtomicFile& copy, const std::string& expected) {
  const h5::File file = h5::File::open_read(copy.temporary());
  if (values_digest(file) == expected) return;
  throw Error(
      ErrorKind::output,
      "{}: a copy of it did not take the rates as they are: is the disk failing? The file is as it was.",
      copy.target().string());
}

}  // namespace

Present present_output(const fs::path& session_file, h5::Reach reach) {
  const h5::File file = h5::File::open_read(session_file, reach);
  if (!h5::exists(file, group)) return {};
  if (!h5::has_attribute(file, group, source_attribute)) return {true, ""};
  return {true, h5::read_text_attribute(file, group, source_attribute)};
}

void verify_published(const fs::path& session_file, const artifact::Opened& rates, h5::Reach reach) {
  const h5::File file = h5::File::open_read(session_file, reach);
  if (values_digest(file) == values_digest(rates.file)) return;
  throw Error(ErrorKind::input,
              "{}: its values are not those that were published. Run infer_write --publish --force again.",
              file.where(group));
}

void publish_into_session(const fs::path& session_file, const artifact::Opened& rates,
                          const std::function<void()>& check) {
  // A link stays a link: what it points to is replaced.
  const FileGuard original(fs::canonical(session_file));
  check_replaceable(original);
  const std::string expected = values_digest(rates.file);
  const h5::Edit edit = with_rates(original.file(), rates);
  AtomicFile copy(original.file());
  // Before the copy, so that nothing is copied in vain, and after it, as writing takes some of them away.
  keep_properties(original, copy);
  copy_bytes(original, copy, [&] { end_if_stopped(original.file()); });
  h5::write_edit(edit, copy, [&] { end_if_stopped(original.file()); });
  check_copy(copy, expected);
  keep_properties(original, copy);
  copy.publish([&] {
    end_if_stopped(original.file());
    original.check_untouched();
    check();
  });
}

}  // namespace rnn_rates::infer_write
