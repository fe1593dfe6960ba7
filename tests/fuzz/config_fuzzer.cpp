#include "config/config.hpp"
#include "fuzz/input_file.hpp"

using namespace rnn_rates;

/// The input is a settings file and, after a zero byte, a `--set`. What is accepted must survive printing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Folder folder;
  const std::string_view input = fuzz::as_text(data, size);
  const std::size_t zero = input.find('\0');
  const auto file = folder.write("settings.toml", input.substr(0, zero));
  std::vector<std::string> overrides;
  if (zero != std::string_view::npos) overrides.emplace_back(input.substr(zero + 1));
  fuzz::refuse_or_read([&] {
    const config::Config read = config::load(file, overrides);
    const std::string printed = config::to_toml(read);
    if (config::to_toml(config::load(folder.write("printed.toml", printed), {})) != printed) std::abort();
  });
  return 0;
}
