#include "plot/page_bytes.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "plot/html.hpp"

namespace rnn_rates::plot {
namespace {

using nlohmann::json;

void append_number(std::vector<std::uint8_t>& bytes, std::uint64_t number) {
  for (; number > 0x7FU; number >>= 7U) bytes.push_back(static_cast<std::uint8_t>((number & 0x7FU) | 0x80U));
  bytes.push_back(static_cast<std::uint8_t>(number));
}

/// The lowest and the highest value that is known, of all that are added.
struct Range {
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -std::numeric_limits<double>::infinity();

  void add(std::span<const float> values) {
    for (const float value : values) {
      if (!std::isfinite(value)) continue;
      lowest = std::min(lowest, static_cast<double>(value));
      highest = std::max(highest, static_cast<double>(value));
    }
  }

  RowScale scale(double largest) const {
    if (!(lowest <= highest)) return {};
    const double low = rounded(lowest);
    return {low, rounded((highest - low) / largest)};
  }
};

/// Stands for what is not known; no value has it where some are not.
unsigned unknown_of(unsigned bits) { return (1U << bits) - 1U; }

}  // namespace

double rounded(double value) { return std::stod(fmt::format("{:.7g}", value)); }

std::vector<RowScale> shared_scales(std::span<const Array<float, 3>* const> arrays, unsigned bits) {
  std::vector<Range> ranges;
  for (const Array<float, 3>* array : arrays) {
    ranges.resize(std::max(ranges.size(), array->size() == 0 ? 0 : array->extent(1)));
    for (std::size_t trial = 0; trial < array->extent(0); ++trial) {
      for (std::size_t row = 0; row < array->extent(1); ++row)
        ranges[row].add(trial_values(*array, trial, row));
    }
  }
  std::vector<RowScale> scales;
  scales.reserve(ranges.size());
  for (const Range& range : ranges) scales.push_back(range.scale(unknown_of(bits) - 1.0));
  return scales;
}

json PageBytes::add(const Array<float, 3>& values, std::span<const std::size_t> trials, unsigned bits,
                    const std::vector<RowScale>& shared) {
  if (values.size() == 0) return nullptr;
  const std::size_t rows = values.extent(1), bins = values.extent(2), first = bytes_.size();
  const bool all_known = shared.empty() && std::all_of(values.values().begin(), values.values().end(),
                                                       [](float value) { return std::isfinite(value); });
  const unsigned unknown = unknown_of(bits);
  const double largest = unknown - (all_known ? 0.0 : 1.0);
  std::vector<double> low, step;
  std::vector<std::uint8_t> higher;
  for (std::size_t row = 0; row < rows; ++row) {
    Range range;
    for (const std::size_t trial : trials) range.add(trial_values(values, trial, row));
    const RowScale scale = shared.empty() ? range.scale(largest) : shared[row];
    low.push_back(scale.low);
    step.push_back(scale.step);
    higher.clear();
    for (const std::size_t trial : trials) {
      unsigned before = 0;
      for (const float value : trial_values(values, trial, row)) {
        const double number =
            scale.step > 0.0 ? std::round((static_cast<double>(value) - scale.low) / scale.step) : 0.0;
        const unsigned now =
            std::isfinite(value) ? static_cast<unsigned>(std::clamp(number, 0.0, largest)) : unknown;
        bytes_.push_back(static_cast<std::uint8_t>((now - before) & 0xFFU));
        if (bits == 16) higher.push_back(static_cast<std::uint8_t>((now - before) >> 8U & 0xFFU));
        before = now;
      }
    }
    bytes_.insert(bytes_.end(), higher.begin(), higher.end());
  }
  json packed = {{"trials", trials.size()},
                 {"rows", rows},
                 {"bins", bins},
                 {"bits", bits},
                 {"unknown", all_known ? json() : json(unknown)},
                 {"first", first}};
  if (shared.empty()) packed.update({{"low", low}, {"step", step}});
  return packed;
}

json PageBytes::add_spikes(const TasteRates& taste, std::span<const std::size_t> trials, double bin_ms) {
  const double start_ms = taste.time_ms.front() - bin_ms / 2.0;
  const std::size_t rows = taste.counts.extent(1);
  std::vector<std::size_t> starts;
  for (std::size_t row = 0; row < rows; ++row) {
    starts.push_back(bytes_.size());
    for (const std::size_t trial : trials) {
      const std::vector<float>& train = taste.spikes_ms[trial * rows + row];
      append_number(bytes_, train.size());
      std::uint64_t before = 0;
      for (const float time_ms : train) {
        const auto ms = static_cast<std::uint64_t>(std::max(static_cast<double>(time_ms) - start_ms, 0.0));
        append_number(bytes_, ms - before);
        before = ms;
      }
    }
  }
  return {{"trials", trials.size()},
          {"rows", rows},
          {"bins", taste.counts.extent(2)},
          {"start_ms", start_ms},
          {"starts", starts}};
}

std::string PageBytes::text() const {
  uLongf length = compressBound(bytes_.size());
  std::vector<std::uint8_t> deflated(length);
  constexpr int level = 5;  // Higher ones take twice the time for 2%.
  const int failed = compress2(deflated.data(), &length, bytes_.data(), bytes_.size(), level);
  if (failed != Z_OK)
    throw Error(ErrorKind::bug, "zlib cannot deflate {} bytes of a page ({})", bytes_.size(), failed);
  return base64(std::span(deflated).first(length));
}

}  // namespace rnn_rates::plot
