#include <algorithm>

#include "artifact/bins_file.hpp"
#include "core/error.hpp"
#include "core/stop.hpp"
#include "h5/attribute.hpp"
#include "infer_write/publish_into_session.hpp"
#include "neural/binning.hpp"
#include "run/recording.hpp"
#include "session/recording.hpp"

namespace rnn_rates::infer_write {
namespace {

bool has_stamp(const session::Recording& recording, const artifact::Opened& bins) {
  const char* const name = artifact::source_stamp_attribute;
  return h5::has_attribute(bins.file, "/", name) &&
         h5::read_text_attribute(bins.file, "/", name) == session::source_stamp(recording);
}

bool has_tastes(const session::Recording& recording, const artifact::SessionBins& bins) {
  const auto& tastes = recording.tastes();
  if (tastes.size() != bins.counts.size() || recording.units() != bins.units()) return false;
  for (std::size_t taste = 0; taste < tastes.size(); ++taste) {
    if (tastes[taste].name != bins.taste_names[taste] || tastes[taste].trials != bins.counts[taste].extent(0))
      return false;
  }
  return true;
}

bool has_counts(session::Recording& recording, const artifact::SessionBins& bins) {
  const neural::BinGrid grid = neural::grid_of_edges(bins.bin_edges_ms, bins.stim_ms);
  if (grid.end_ms() > static_cast<double>(recording.array_ms())) return false;
  const auto first_ms = static_cast<std::size_t>(grid.start_ms);
  const std::size_t units = recording.units();
  std::vector<double> spikes(units * grid.window_ms());
  std::vector<std::uint16_t> counts(units * grid.bins);
  for (std::size_t taste = 0; taste < bins.counts.size(); ++taste) {
    for (std::size_t trial = 0; trial < bins.counts[taste].extent(0); ++trial) {
      end_if_stop_requested();
      recording.read_trial(taste, trial, first_ms, first_ms + grid.window_ms(), spikes);
      for (std::size_t unit = 0; unit < units; ++unit)
        neural::bin_spikes(std::span(spikes).subspan(unit * grid.window_ms(), grid.window_ms()), unit, grid,
                           std::span(counts).subspan(unit * grid.bins, grid.bins), recording.file().string(),
                           trial);
      if (!std::ranges::equal(counts,
                              bins.counts[taste].values().subspan(trial * counts.size(), counts.size())))
        return false;
    }
  }
  return true;
}

}  // namespace

void check_recording(const run::Context& context, const run::SessionFolder& session, const std::string& input,
                     const artifact::Opened& bins) {
  // What is read of a recording depends on the settings that bins.h5 was made with, not on those of this run.
  const config::ExtractBins made_with =
      config::from_canonical_text(bins.header.config_text, bins.file.path().string()).extract_bins;
  const auto recording =
      session::open_recording(session.source, run::recording_options(context, made_with, input));
  if (has_stamp(*recording, bins)) return;
  const artifact::SessionBins made = artifact::read(bins, artifact::bins, artifact::read_bins);
  if (has_tastes(*recording, made) && has_counts(*recording, made)) return;
  throw Error(
      ErrorKind::input,
      "{}: its spikes are not those that {} was made from. Run extract_bins and the stages after it again.",
      recording->file().string(), bins.file.path().string());
}

}  // namespace rnn_rates::infer_write
