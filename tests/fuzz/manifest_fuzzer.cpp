#include "fuzz/input_file.hpp"
#include "session/manifest.hpp"

using namespace rnn_rates;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Folder folder;
  const auto file = folder.write("sessions.tsv", fuzz::as_text(data, size));
  fuzz::refuse_or_read([&] {
    for (const session::SessionSpec& spec : session::read_manifest(file)) {
      // An id is the name of a folder.
      if (spec.id.empty() || spec.id == "." || spec.id == ".." || spec.id.find('/') != std::string::npos) {
        std::abort();
      }
    }
  });
  return 0;
}
