#include "artifact/bins_file.hpp"

#include "artifact/columns_file.hpp"
#include "artifact/fields.hpp"
#include "artifact/spikes_file.hpp"
#include "core/atomic_file.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "h5/attribute.hpp"
#include "h5/edit.hpp"

namespace rnn_rates::artifact {
namespace {

const std::string time_object = about_trials + "/time_s";

std::string observed_object(std::size_t taste) {
  return fmt::format("{}/observed/{:03}", about_trials, taste);
}

std::string taste_object(std::size_t taste, const char* name) {
  return fmt::format("/tastes/{:03}/{}", taste, name);
}

/// What there is one of in a session.
template <class Io, class Bins>
void session_fields(const Io& io, Bins& bins) {
  io("bin_edges_ms", bins.bin_edges_ms, {"bin edges from the start of the spike array", "edge", "ms"});
  io("stim_ms", bins.stim_ms, {"stimulus from the start of the spike array", "", "ms"});
  io("unit_regions", bins.unit_regions, {"region of each unit", "unit", "1"});
  io("taste_names", bins.taste_names, {"names of the tastes", "taste", "1"});
  io("taste_dig_ins", bins.taste_dig_ins, {"digital inputs of the tastes", "taste", "1"});
  io.if_any("taste_laser", bins.taste_laser, {"1 for the trials of a taste with laser", "taste", "1"});
}

[[noreturn]] void throw_bad_shape(const h5::File& file, const std::string& object, const std::string& found,
                                  const std::string& expected) {
  throw Error(ErrorKind::input, "{}: has {}, expected {}. Run extract_bins --force again.",
              file.where(object), found, expected);
}

void read_trials(const h5::File& file, SessionBins& bins) {
  bins.trial_columns = read_columns(file, about_trials);
  for (const auto& [name, column] : bins.trial_columns) {
    if (length(column) != bins.trials()) {
      throw_bad_shape(file, about_trials + "/" + name, fmt::format("{} values", length(column)),
                      fmt::format("{}, one per trial", bins.trials()));
    }
  }
  if (!h5::exists(file, time_object)) return;
  bins.trial_time_s = h5::read_vector<double>(file, time_object);
  bins.trial_columns.erase("time_s");
}

void read_laser(const h5::File& file, std::size_t taste, SessionBins& bins) {
  const std::string object = taste_object(taste, "laser");
  if (!h5::exists(file, object)) return;
  bins.laser.push_back(h5::read_array<std::uint8_t, 2>(file, object));
  const auto& shape = bins.laser.back().shape();
  const std::size_t trials = bins.counts[taste].extent(0);
  if (bins.laser.size() != taste + 1 || shape[0] != trials || shape[1] != bins.bins()) {
    throw_bad_shape(file, object, fmt::format("{} trials x {} bins", shape[0], shape[1]),
                    fmt::format("{} x {}, of every taste", trials, bins.bins()));
  }
}

}  // namespace

std::size_t SessionBins::trials() const {
  std::size_t trials = 0;
  for (const auto& taste : counts) trials += taste.extent(0);
  return trials;
}

Columns SessionBins::all_trial_columns() const {
  Columns columns = trial_columns;
  if (!trial_time_s.empty()) columns["time_s"] = trial_time_s;
  return columns;
}

void write_bins(h5::File& file, const SessionBins& bins) {
  session_fields(Writer{file, ""}, bins);
  for (std::size_t taste = 0; taste < bins.counts.size(); ++taste) {
    h5::write_array(file, taste_object(taste, "counts"), bins.counts[taste],
                    {"spike counts of one taste", "trial unit bin", "spikes"}, {.compress = true});
    if (bins.laser.empty()) continue;
    h5::write_array(file, taste_object(taste, "laser"), bins.laser[taste],
                    {"1 in bins with laser", "trial bin", "1"}, {.compress = true});
  }
  for (std::size_t taste = 0; taste < bins.observed.size(); ++taste) {
    h5::write_array(file, observed_object(taste), bins.observed[taste],
                    {"1 where the unit was observed in all of the bin", "trial unit bin", "1"},
                    {.compress = true});
  }
  write_columns(file, about_units, bins.unit_columns, "unit");
  write_columns(file, about_trials, bins.all_trial_columns(), "trial");
  if (bins.true_rate_hz) {
    h5::write_array(file, "/true_rate_hz", *bins.true_rate_hz,
                    {"simulated firing rates, trials of all tastes in order", "trial unit bin", "Hz"});
  }
}

void replace_source_stamp(const std::filesystem::path& path, const std::string& stamp) {
  AtomicFile target(path);
  target.write(read_file(path).value_or(""));
  const auto change = [&](h5::File& file) { h5::write_attribute(file, "/", source_stamp_attribute, stamp); };
  h5::write_edit(h5::edit_in_memory(target.temporary(), change), target);
  target.publish();
}

std::string digest_of_counts(const h5::File& file) {
  Digest digest;
  for (const std::string& object : h5::datasets_below(file, "/")) {
    const auto is_in = [&](const std::string& group) { return object.starts_with(group); };
    if (!is_in(about_trials + "/") && !is_in(about_units + "/") && !is_in(about_spikes))
      h5::add_to_digest(file, object, digest);
  }
  return digest.hex();
}

SessionBins read_bins(const h5::File& file) {
  SessionBins bins;
  session_fields(Reader{file, ""}, bins);
  bins.unit_columns = read_columns(file, about_units);
  if (bins.bin_edges_ms.size() < 2 || bins.taste_names.empty()) {
    throw Error(ErrorKind::input, "{}: has no bins or no tastes. Run extract_bins --force again.",
                file.path().string());
  }
  for (std::size_t taste = 0; taste < bins.taste_names.size(); ++taste) {
    const std::string object = taste_object(taste, "counts");
    bins.counts.push_back(h5::read_array<std::uint16_t, 3>(file, object));
    const auto& shape = bins.counts.back().shape();
    if (shape[1] != bins.units() || shape[2] != bins.bins()) {
      throw_bad_shape(file, object, fmt::format("{} units x {} bins", shape[1], shape[2]),
                      fmt::format("{} x {}", bins.units(), bins.bins()));
    }
    read_laser(file, taste, bins);
  }
  if (!bins.laser.empty() && bins.laser.size() != bins.counts.size()) {
    throw Error(ErrorKind::input, "{}: has the laser of {} of {} tastes. Run extract_bins --force again.",
                file.path().string(), bins.laser.size(), bins.counts.size());
  }
  read_trials(file, bins);
  for (std::size_t taste = 0; h5::exists(file, observed_object(taste)); ++taste) {
    bins.observed.push_back(h5::read_array<std::uint8_t, 3>(file, observed_object(taste)));
    if (taste < bins.counts.size() && bins.observed[taste].shape() == bins.counts[taste].shape()) continue;
    throw_bad_shape(file, observed_object(taste), "another shape", "that of the counts");
  }
  if (h5::exists(file, "/true_rate_hz")) bins.true_rate_hz = h5::read_array<float, 3>(file, "/true_rate_hz");
  return bins;
}

}  // namespace rnn_rates::artifact
