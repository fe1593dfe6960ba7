#include <array>

#include "fuzz/input_file.hpp"
#include "session/session_info.hpp"
#include "session/trial_info.hpp"

using namespace rnn_rates;

/// The input is one of the texts beside a recording: JSON if it begins like that, a table otherwise.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Folder folder;
  static const std::array<std::string, 3> dig_ins = {"dig_in_0", "dig_in_01", "dig_in_2"};
  const auto file = folder.write("session.info", fuzz::as_text(data, size));
  if (size > 0 && (data[0] == '{' || data[0] == '[')) {
    fuzz::refuse_or_read([&] { session::read_taste_names(file, dig_ins); });
    fuzz::refuse_or_read([&] { session::read_electrode_layout(file); });
    fuzz::refuse_or_read([&] { session::read_cut_parameters(file); });
  } else {
    fuzz::refuse_or_read([&] { session::read_trial_info(file); });
  }
  return 0;
}
