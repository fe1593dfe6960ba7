#pragma once

#include <optional>

#include "h5/file.hpp"
#include "inference/leak_test.hpp"

namespace rnn_rates::artifact {

// /leak_test in rates.h5.

void write_leak_test(h5::File& file, const inference::LeakTest& test);
/// Nothing where it was not run. Throws Error(input).
std::optional<inference::LeakTest> read_leak_test(const h5::File& file);

}  // namespace rnn_rates::artifact
