#pragma once

#include <string_view>

namespace rnn_rates {

/// True where `left` comes before `right` with runs of digits compared as numbers: dig_in_2 < dig_in_10.
bool natural_less(std::string_view left, std::string_view right);

}  // namespace rnn_rates
