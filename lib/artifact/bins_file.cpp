#include "artifact/bins_file.hpp"

#include "core/error.hpp"
#include "h5/dataset.hpp"

namespace rnn_rates::artifact {
namespace {

std::string counts_object(std::size_t taste) { return fmt::format("/tastes/{:03}/counts", taste); }

}  // namespace

void write_bins(h5::File& file, const SessionBins& bins) {
  h5::write_vector<double>(file, "/bin_edges_ms", bins.bin_edges_ms,
                           {"bin edges from the start of the spike array", "edge", "ms"});
  h5::write_scalar(file, "/stim_ms", bins.stim_ms, {"stimulus from the start of the spike array", "", "ms"});
  h5::write_strings(file, "/unit_regions", bins.unit_regions, {"region of each unit", "unit", "1"});
  h5::write_strings(file, "/taste_names", bins.taste_names, {"names of the tastes", "taste", "1"});
  h5::write_strings(file, "/taste_dig_ins", bins.taste_dig_ins,
                    {"digital inputs of the tastes", "taste", "1"});
  if (!bins.taste_laser.empty()) {
    h5::write_vector<std::uint8_t>(file, "/taste_laser", bins.taste_laser,
                                   {"1 for the trials of a taste with laser", "taste", "1"});
  }
  for (std::size_t taste = 0; taste < bins.counts.size(); ++taste) {
    h5::write_array(file, counts_object(taste), bins.counts[taste],
                    {"spike counts of one taste", "trial unit bin", "spikes"}, {.compress = true});
  }
  if (bins.true_rate_hz) {
    h5::write_array(file, "/true_rate_hz", *bins.true_rate_hz,
                    {"simulated firing rates, trials of all tastes in order", "trial unit bin", "Hz"});
  }
}

SessionBins read_bins(const h5::File& file) {
  SessionBins bins;
  bins.bin_edges_ms = h5::read_vector<double>(file, "/bin_edges_ms");
  bins.stim_ms = h5::read_scalar<double>(file, "/stim_ms");
  bins.unit_regions = h5::read_strings(file, "/unit_regions");
  bins.taste_names = h5::read_strings(file, "/taste_names");
  bins.taste_dig_ins = h5::read_strings(file, "/taste_dig_ins");
  if (h5::exists(file, "/taste_laser"))
    bins.taste_laser = h5::read_vector<std::uint8_t>(file, "/taste_laser");
  if (bins.bin_edges_ms.size() < 2 || bins.taste_names.empty()) {
    throw Error(ErrorKind::input, "{}: has no bins or no tastes. Run extract_bins --force again.",
                file.path().string());
  }
  for (std::size_t taste = 0; taste < bins.taste_names.size(); ++taste) {
    const std::string object = counts_object(taste);
    bins.counts.push_back(h5::read_array<std::uint16_t, 3>(file, object));
    const auto& shape = bins.counts.back().shape();
    if (shape[1] != bins.units() || shape[2] != bins.bins()) {
      throw Error(ErrorKind::input,
                  "{}: has {} units x {} bins, expected {} x {}. Run extract_bins --force again.",
                  file.where(object), shape[1], shape[2], bins.units(), bins.bins());
    }
  }
  if (h5::exists(file, "/true_rate_hz")) bins.true_rate_hz = h5::read_array<float, 3>(file, "/true_rate_hz");
  return bins;
}

}  // namespace rnn_rates::artifact
