#pragma once

#include <cstdint>

#include "neural/hidden.hpp"

namespace rnn_rates::neural {

// Three trials, two units, ten bins, and blocks of 5 to hide.
inline const Array<std::uint16_t, 3> small_counts({3, 2, 10}, {3, 0, 2, 0, 3, 5, 0, 1, 1, 1, 0, 2, 1, 0, 0,
                                                               0, 0, 1, 0, 1, 1, 2, 2, 1, 5, 2, 2, 1, 1, 0,
                                                               1, 0, 1, 1, 3, 0, 1, 0, 0, 0, 2, 0, 4, 3, 1,
                                                               2, 1, 1, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 1, 1});
inline const Hidden small_hidden({3, 2, 10}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                              1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                              0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});

}  // namespace rnn_rates::neural
