#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "h5/dataset.hpp"
#include "session/recording.hpp"

namespace rnn_rates::session {

std::optional<TrueRates> read_true_rates(const Recording& recording) {
  const std::string object = "/truth/rate_hz";
  const h5::File file = h5::File::open_read(recording.file(), recording.reach());
  if (!h5::exists(file, object)) return std::nullopt;
  TrueRates truth;
  truth.rate_hz = h5::read_array<float, 3>(file, object);
  std::size_t trials = 0;
  for (const Taste& taste : recording.tastes()) trials += taste.trials;
  const auto& shape = truth.rate_hz.shape();
  if (shape[0] != trials || shape[1] != recording.units() || shape[2] == 0 ||
      shape[2] > recording.array_ms()) {
    throw Error(ErrorKind::input,
                "{}: of shape {}, expected {} trials (of all tastes) x {} units x bins that fill {} ms",
                file.where(object), fmt::join(shape, " x "), trials, recording.units(), recording.array_ms());
  }
  const auto values = truth.rate_hz.values();
  const auto bad = std::find_if(values.begin(), values.end(),
                                [](float rate) { return !(std::isfinite(rate) && rate >= 0.0f); });
  if (bad != values.end()) {
    throw Error(ErrorKind::input, "{}: holds the rate {}, expected Hz from 0 up", file.where(object), *bad);
  }
  truth.bin_ms = static_cast<double>(recording.array_ms()) / static_cast<double>(shape[2]);
  return truth;
}

}  // namespace rnn_rates::session
