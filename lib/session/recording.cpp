#include "session/recording.hpp"

#include <fmt/ranges.h>
#include <sys/stat.h>

#include "core/error.hpp"
#include "nwb/recording.hpp"
#include "session/laser.hpp"
#include "session/readers.hpp"
#include "session/unit_choice.hpp"

namespace rnn_rates::session {
namespace {

std::unique_ptr<Recording> open_blech_clust(OpenSession session, SpikesFrom from) {
  const bool has_times = h5::is_group(session.file, "/sorted_units");
  if (from == SpikesFrom::spike_times && !has_times) {
    throw Error(ErrorKind::input, "{}: has no /sorted_units to cut trials from, as --from spike_times asks",
                session.place.h5.string());
  }
  if (from == SpikesFrom::automatic && h5::is_group(session.file, "/spike_trains"))
    return open_spike_arrays(std::move(session));
  if (has_times) return open_spike_times(std::move(session));
  throw Error(ErrorKind::input,
              "{}: holds neither /spike_trains nor /sorted_units, which blech_clust writes when units are "
              "sorted; it holds: {}. Sort the units and run blech_make_arrays.py first, or write spikes of "
              "your own like this:\n{}",
              session.place.h5.string(), fmt::join(h5::children(session.file, "/"), ", "), minimal_layout);
}

std::unique_ptr<Recording> open_located(const SessionPlace& place, const RecordingOptions& options) {
  OpenSession session{place, h5::File::open_read(place.h5, options.reach), std::nullopt, options.regions_all,
                      options.laser != Laser::include};
  const bool is_nwb = nwb::is_nwb(session.file);
  if (!is_nwb) session.info = find_beside(place, ".info");
  const UnitChoice units = choose_units(session.file, is_nwb, options.units_table, options.units);
  return take_units(is_nwb ? open_nwb(std::move(session), options.units_table, options.trials, options.span)
                           : open_blech_clust(std::move(session), options.from),
                    units);
}

}  // namespace

const char* const minimal_layout =
    "  import h5py\n"
    "  with h5py.File('my_session.h5', 'w') as h5:\n"
    "      h5['spike_trains/sucrose/spike_array'] = sucrose  # (trial, unit, ms), spikes in each ms\n"
    "      h5['spike_trains/water/spike_array'] = water      # or counts: (trial, unit, bin), and "
    "attrs['bin_ms']\n"
    "      h5['spike_trains'].attrs['stim_ms'] = 2000        # the stimulus, from the start of the array";

void Recording::read_trial(std::size_t taste, std::size_t trial, std::size_t first_ms, std::size_t last_ms,
                           std::span<double> spikes) {
  if (taste >= tastes().size() || trial >= tastes()[taste].trials || first_ms > last_ms ||
      last_ms > array_ms() || spikes.size() != units() * (last_ms - first_ms)) {
    throw Error(ErrorKind::bug, "{}: no {} values of taste {}, trial {}, {} to {} ms", file().string(),
                spikes.size(), taste, trial, first_ms, last_ms);
  }
  h5::reading([&] { read_checked(taste, trial, first_ms, last_ms, spikes); });
}

std::string source_stamp(const Recording& recording) {
  std::string stamp;
  for (const std::filesystem::path& source : recording.sources()) {
    struct stat status {};
    if (::stat(source.c_str(), &status) != 0) {
      throw Error(ErrorKind::input, "{}: vanished while it was read", source.string());
    }
    stamp += fmt::format("{} {} {}.{:09}\n", source.filename().string(), status.st_size,
                         status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  }
  return stamp;
}

std::filesystem::path session_file(const std::filesystem::path& folder_or_h5, const std::string& input) {
  return locate_session(folder_or_h5, input).h5;
}

std::unique_ptr<Recording> open_recording(const std::filesystem::path& folder_or_h5,
                                          const RecordingOptions& options) {
  const SessionPlace place = locate_session(folder_or_h5, options.input);
  return h5::reading([&] { return treat_laser(open_located(place, options), options.laser); });
}

}  // namespace rnn_rates::session
