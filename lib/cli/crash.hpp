#pragma once

#include <string>

namespace rnn_rates::cli {

/// From here on a crash says which file `program` read last, as HDF5 crashes on some damaged files. The
/// program then ends by the signal as it would have.
void name_file_on_crash(const std::string& program);

}  // namespace rnn_rates::cli
