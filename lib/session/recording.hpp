#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/choices.hpp"
#include "core/columns.hpp"
#include "core/intervals.hpp"
#include "h5/file.hpp"
#include "nwb/recording.hpp"

namespace rnn_rates::session {

struct Taste {
  std::string name;    ///< such as "sucrose"; the dig-in's name where no other is known
  std::string dig_in;  ///< such as "dig_in_0"
  std::size_t trials = 0;
  /// (trial) from when to when the laser was on, ms from the stimulus: {0, 0} without laser, infinite where
  /// only the trials are known; empty where nothing is known or not asked for.
  std::vector<std::array<double, 2>> laser_ms;
  std::vector<double> times_s;  ///< (trial) of the stimulus in the recording; empty where it does not say
  /// (trial) its row in the recording's table of trials; without one, its place in the dig-in's array.
  std::vector<std::int64_t> rows;
};

/// True for a trial with laser, by its Taste::laser_ms.
inline bool laser_on(const std::array<double, 2>& laser_ms) { return laser_ms[1] > laser_ms[0]; }

/// What is known of a recording once it is open.
struct RecordingFacts {
  std::string kind = "blech_clust";            ///< the format
  std::filesystem::path file;                  ///< the recording itself
  std::vector<std::filesystem::path> sources;  ///< every file that is read, `file` first
  std::vector<Taste> tastes;                   ///< in the readers' order
  std::vector<std::string> unit_regions;       ///< (unit); "all" where regions are not known or not wanted
  /// (unit) of the file's table: id and row where units are not simply all in order, what they were chosen
  /// by, and the region's name where unit_regions differs.
  Columns unit_columns;
  /// (row) of the recording's table of trials, those that were left out included; see is_short().
  Columns trial_table;
  std::size_t array_ms = 0;                      ///< length of the spike array of a trial
  std::size_t resolution_ms = 1;                 ///< width of the bins that spikes are stored in
  std::optional<double> stim_ms = std::nullopt;  ///< the stimulus, where the recording says
  h5::Reach reach = h5::Reach::folder;           ///< how far links in `file` may lead
  bool laser_apart = false;                      ///< tastes are split by laser
  std::vector<Intervals> observed;               ///< (unit) when it was recorded; empty where not known
  std::vector<std::string> notes;                ///< what the user should know
};

/// One recorded session, opened; spikes are read trial by trial so that memory does not grow with the
/// recording. Times count in ms from the start of the spike array.
class Recording {
 public:
  virtual ~Recording() = default;
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  const std::filesystem::path& file() const { return facts_.file; }
  const std::vector<std::filesystem::path>& sources() const { return facts_.sources; }
  const std::vector<Taste>& tastes() const { return facts_.tastes; }
  /// Tastes are split by laser: all trials of one have it on, or none.
  bool laser_apart() const { return facts_.laser_apart; }
  const RecordingFacts& facts() const { return facts_; }
  const std::vector<std::string>& unit_regions() const { return facts_.unit_regions; }
  std::size_t units() const { return facts_.unit_regions.size(); }
  std::size_t array_ms() const { return facts_.array_ms; }
  h5::Reach reach() const { return facts_.reach; }
  /// 1 where spikes are stored per ms. Otherwise all spikes of a stored bin are given in its first ms, so
  /// that only windows and bins on the stored edges mean anything.
  std::size_t resolution_ms() const { return facts_.resolution_ms; }
  const std::optional<double>& stim_ms() const { return facts_.stim_ms; }
  /// The format: "blech_clust" or "nwb".
  const std::string& kind() const { return facts_.kind; }
  /// What the user should know, such as trials that were left out.
  const std::vector<std::string>& notes() const { return facts_.notes; }

  /// Spikes of one trial in the milliseconds [first_ms, last_ms): `spikes` (unit, ms), as they are stored.
  /// Throws Error(input) where the file is damaged, Error(bug) where taste, trial, window or size do not fit.
  void read_trial(std::size_t taste, std::size_t trial, std::size_t first_ms, std::size_t last_ms,
                  std::span<double> spikes);

 protected:
  explicit Recording(RecordingFacts facts) : facts_(std::move(facts)) {}

 private:
  virtual void read_checked(std::size_t taste, std::size_t trial, std::size_t first_ms, std::size_t last_ms,
                            std::span<double> spikes) = 0;

  RecordingFacts facts_;
};

/// The spike array of a trial of an NWB file.
struct TrialSpan {
  double pre_ms = 0;         ///< it starts this long before the stimulus
  std::size_t array_ms = 0;  ///< and is this long
  double window_ms = 0;      ///< the window to read begins here in it, and ends with it
};

struct RecordingOptions {
  std::string input;                    ///< which .h5 of the folder, by name or path; "" where it has one
  bool regions_all = false;             ///< one region "all" whatever the electrodes say
  h5::Reach reach = h5::Reach::folder;  ///< how far links in the .h5 may lead
  SpikesFrom from = SpikesFrom::automatic;
  std::string units;                   ///< see choose_units(); "" for all
  std::string units_table = "/units";  ///< of an NWB file
  nwb::TrialColumns trials;            ///< of an NWB file
  TrialSpan span;                      ///< of an NWB file
  Laser laser = Laser::include;        ///< see treat_laser()
};

/// Name, size and time of change of each file that is read: while these are the same, so are the spikes.
/// Throws Error(input) where one has vanished.
std::string source_stamp(const Recording& recording);

/// The .h5 of a session: `folder_or_h5` itself if it is a file, else the one in the folder or the one that
/// `input` names; hidden files do not count. Throws Error(input) if there is none or it is not clear which.
std::filesystem::path session_file(const std::filesystem::path& folder_or_h5, const std::string& input);

/// Opens an NWB file (nwb.org; see open_nwb()), or a session as blech_clust leaves it
/// (github.com/katzlabbrandeis/blech_clust): a folder with one .h5 and, where there are any, NAME.info,
/// NAME.params and trial_info_frame.csv; or the path of an .h5 with those files beside it. Spikes come from
/// /spike_trains/<dig-in>/spike_array (trial, unit, ms), or, where there are no such arrays yet, from the
/// spike times in /sorted_units. The first form is open to recordings from elsewhere too
/// (docs/own_recording.md). Throws Error(input), naming file and object, where something is missing or does
/// not fit.
std::unique_ptr<Recording> open_recording(const std::filesystem::path& folder_or_h5,
                                          const RecordingOptions& options);

/// The rates that a simulated session's spikes were drawn from.
struct TrueRates {
  double bin_ms = 0.0;      ///< the bins fill the spike array
  Array<float, 3> rate_hz;  ///< (trial of all tastes in order, unit, bin)
};

/// /truth/rate_hz of the recording's file; nothing where it has none, as every real recording. Throws
/// Error(input) where trials or units are not those of the spikes, or a rate is negative or not finite.
std::optional<TrueRates> read_true_rates(const Recording& recording);

}  // namespace rnn_rates::session
