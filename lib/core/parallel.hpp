#pragma once

#include <cstddef>
#include <functional>

namespace rnn_rates {

/// Calls task(0), ..., task(count - 1) on up to `threads` threads, in order of their start. After a task
/// throws no further ones start; those under way end, then the first exception is thrown on.
void parallel_for(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& task);

}  // namespace rnn_rates
