#include <algorithm>
#include <map>
#include <optional>

#include "core/error.hpp"
#include "session/readers.hpp"
#include "session/session_info.hpp"
#include "session/trial_info.hpp"

namespace rnn_rates::session {
namespace {

namespace fs = std::filesystem;

constexpr const char* way_out =
    "Cut trials anew from spike times with --from spike_times, or let blech_make_arrays.py write them again";

/// Everything beside the arrays that tells of trials.
struct Beside {
  fs::path csv;
  std::vector<TasteStarts> starts;          ///< of trial_info_frame.csv; empty where it is missing
  std::unique_ptr<Recording> cut;           ///< trials cut from spike times, if that can be done
  std::optional<CutParameters> parameters;  ///< of .params
};

std::string called(const Taste& taste) {
  return taste.name == taste.dig_in ? taste.dig_in : fmt::format("{} ({})", taste.dig_in, taste.name);
}

const TasteStarts* find(const std::vector<TasteStarts>& starts, const std::string& dig_in) {
  const auto found = std::find_if(starts.begin(), starts.end(),
                                  [&](const TasteStarts& one) { return one.dig_in == dig_in; });
  return found == starts.end() ? nullptr : &*found;
}

const Taste* find(const std::vector<Taste>& tastes, const std::string& dig_in) {
  const auto found =
      std::find_if(tastes.begin(), tastes.end(), [&](const Taste& one) { return one.dig_in == dig_in; });
  return found == tastes.end() ? nullptr : &*found;
}

/// The .info and the table of trials call dig-ins by each other's tastes.
void check_names(const std::vector<Taste>& tastes, const std::vector<TasteStarts>& starts,
                 const fs::path& csv, const OpenSession& session) {
  if (!session.info) return;
  std::string contradictions;
  for (const Taste& taste : tastes) {
    const TasteStarts* const row = find(starts, taste.dig_in);
    if (row == nullptr || row->taste.empty() || row->taste == taste.name) continue;
    const bool is_anothers = std::any_of(tastes.begin(), tastes.end(),
                                         [&](const Taste& other) { return other.name == row->taste; });
    if (is_anothers)
      contradictions += fmt::format("; {} is {} there and {} here", taste.dig_in, taste.name, row->taste);
  }
  if (contradictions.empty()) return;
  throw Error(ErrorKind::input, "{}: contradicts {} on which taste is which{}. Correct the one that is wrong",
              csv.string(), session.info->string(), contradictions);
}

/// Share of the spikes of two trials (unit, ms) that both have, within 20 ms; 1 where there is none.
double agreement(const std::vector<double>& a, const std::vector<double>& b, std::size_t array_ms) {
  constexpr std::size_t bin_ms = 20;
  double both = 0, any = 0;
  for (std::size_t row = 0; row < a.size(); row += array_ms) {
    for (std::size_t at = 0; at < array_ms; at += bin_ms) {
      double in_a = 0, in_b = 0;
      for (std::size_t ms = at; ms < std::min(at + bin_ms, array_ms); ++ms) {
        in_a += std::min(a[row + ms], 1.0);
        in_b += std::min(b[row + ms], 1.0);
      }
      both += std::min(in_a, in_b);
      any += std::max(in_a, in_b);
    }
  }
  return any > 0 ? both / any : 1;
}

/// Whether the first trials of array `dig_in` are those of `taste` as cut from spike times.
bool holds(const ReadArray& read, std::size_t dig_in, std::size_t trials, Recording& cut, std::size_t taste) {
  constexpr std::size_t looked_at = 3;
  constexpr double same = 0.8;
  std::vector<double> stored(cut.units() * cut.array_ms()), anew(stored.size());
  const std::size_t count = std::min({looked_at, trials, cut.tastes()[taste].trials});
  for (std::size_t trial = 0; trial < count; ++trial) {
    read(dig_in, trial, stored);
    cut.read_trial(taste, trial, 0, cut.array_ms(), anew);
    if (agreement(stored, anew, cut.array_ms()) < same) return false;
  }
  return true;
}

/// Throws where the spikes of an array are those of another dig-in; true where all were found to be right.
bool check_spikes(const OpenSession& session, const ReadArray& read, const ArrayFacts& facts,
                  Recording& cut) {
  if (cut.units() != facts.units || cut.array_ms() != facts.array_ms) return false;
  std::string contradictions;
  bool all_right = true;
  for (std::size_t array = 0; array < facts.tastes.size(); ++array) {
    const Taste& taste = facts.tastes[array];
    std::optional<std::size_t> own, other;
    for (std::size_t i = 0; i < cut.tastes().size() && !own; ++i) {
      const bool is_own = cut.tastes()[i].dig_in == taste.dig_in;
      if ((is_own || !other) && holds(read, array, taste.trials, cut, i)) (is_own ? own : other) = i;
    }
    all_right = all_right && own;
    if (!own && other && find(facts.tastes, cut.tastes()[*other].dig_in) != nullptr)
      contradictions +=
          fmt::format("; that of {} holds trials of {}", called(taste), called(cut.tastes()[*other]));
  }
  if (!contradictions.empty()) {
    throw Error(
        ErrorKind::input,
        "{}: arrays stand under the names of other tastes than trial_info_frame.csv and /sorted_units tell"
        "{}. {}",
        session.file.where("/spike_trains"), contradictions, way_out);
  }
  return all_right;
}

/// Holds numbers of trials against those of `source`; fewer may be left of a recording that ended early.
void check_counts(const OpenSession& session, const ArrayFacts& facts,
                  const std::map<std::string, std::size_t>& expected, const fs::path& source) {
  std::string differences;
  std::vector<std::size_t> found, told;
  bool more = false;
  for (const Taste& taste : facts.tastes) {
    const auto at = expected.find(taste.dig_in);
    if (at == expected.end()) return;
    found.push_back(taste.trials);
    told.push_back(at->second);
    if (taste.trials == at->second) continue;
    more = more || taste.trials > at->second;
    differences += fmt::format("; {}: {} in its array, {} there", called(taste), taste.trials, at->second);
  }
  if (differences.empty()) return;
  const std::string text = fmt::format("{}: numbers of trials differ from {}{}",
                                       session.file.where("/spike_trains"), source.string(), differences);
  if (!more) {
    facts.notes.push_back(text);
    return;
  }
  std::sort(found.begin(), found.end());
  std::sort(told.begin(), told.end());
  throw Error(ErrorKind::input, "{}. {}{}", text,
              found == told ? "The arrays seem to stand under each other's names. " : "", way_out);
}

/// Warns where blech_make_arrays.py may have put trials under other tastes and nothing beside the arrays can
/// tell: it walks dig-ins by their first trial and takes the trials of one after the other by name.
void warn_of_order(const OpenSession& session, const Beside& beside, ArrayFacts& facts) {
  constexpr const char* since = "2026-02-17";
  std::vector<const TasteStarts*> by_first_trial;
  for (const TasteStarts& taste : beside.starts) by_first_trial.push_back(&taste);
  std::sort(by_first_trial.begin(), by_first_trial.end(), [](const TasteStarts* a, const TasteStarts* b) {
    return a->start_samples.front() < b->start_samples.front();
  });
  bool in_order = true;
  for (std::size_t i = 0; i < by_first_trial.size(); ++i) {
    in_order = in_order && by_first_trial[i] == &beside.starts[i];
    // Numbers of trials would have told.
    if (by_first_trial[i]->start_samples.size() != beside.starts[i].start_samples.size()) return;
  }
  const fs::path& h5 = session.place.h5;
  if (in_order || arrays_written_on(h5.parent_path(), h5.stem().string()) < since) return;
  facts.notes.push_back(
      fmt::format("{}: blech_make_arrays.py has put trials under other tastes since {} where tastes do not "
                  "first come in order "
                  "of their dig-ins, as here. Numbers of trials are equal, and without /sorted_units or "
                  ".params there are no "
                  "spikes to compare with, so nothing tells whether these arrays are right. {}",
                  session.file.where("/spike_trains"), since, way_out));
}

Beside look_beside(const OpenSession& session, ArrayFacts& facts) {
  Beside beside;
  beside.csv = session.place.h5.parent_path() / "trial_info_frame.csv";
  const std::optional<fs::path> params = find_beside(session.place, ".params");
  // Beside a file that was named alone it may be another session's.
  if (!fs::exists(beside.csv) || (!session.place.whole_folder && !params)) return beside;
  try {
    beside.starts = read_trial_info(beside.csv);
    facts.sources.push_back(beside.csv);
    if (!params) return beside;
    beside.parameters = read_cut_parameters(*params);
    facts.sources.push_back(*params);
    if (!h5::is_group(session.file, "/sorted_units")) return beside;
    OpenSession again{session.place, h5::File::open_read(session.place.h5, session.file.reach()),
                      session.info, true};
    beside.cut = open_spike_times(std::move(again));
  } catch (const Error& error) {
    facts.notes.push_back(
        fmt::format("spike arrays cannot be held against the table of trials: {}", error.what()));
  }
  return beside;
}

/// Gives tastes the times and rows of their trials where the table has as many of each.
void add_times(const Beside& beside, ArrayFacts& facts) {
  if (!beside.parameters) return;
  std::vector<Taste> tastes = facts.tastes;
  for (Taste& taste : tastes) {
    const Taste* const cut = beside.cut ? find(beside.cut->tastes(), taste.dig_in) : nullptr;
    const TasteStarts* const row = find(beside.starts, taste.dig_in);
    if (cut != nullptr && cut->trials == taste.trials) {
      taste.times_s = cut->times_s;
      taste.rows = cut->rows;
    } else if (row != nullptr && row->start_samples.size() == taste.trials) {
      for (const double start : row->start_samples)
        taste.times_s.push_back(start / beside.parameters->samples_per_ms / 1000);
      taste.rows = row->rows;
    }
  }
  // Some without the others say nothing of the order of trials.
  if (std::any_of(tastes.begin(), tastes.end(), [](const Taste& taste) { return taste.times_s.empty(); }))
    return;
  facts.tastes = std::move(tastes);
  facts.trial_table = read_trial_table(beside.csv);
}

}  // namespace

void check_arrays(const OpenSession& session, const ReadArray& read, ArrayFacts facts) {
  const Beside beside = look_beside(session, facts);
  check_names(facts.tastes, beside.starts, beside.csv, session);
  const bool known = beside.cut && check_spikes(session, read, facts, *beside.cut);
  if (!known && !beside.starts.empty()) {
    std::map<std::string, std::size_t> counts;
    for (const TasteStarts& taste : beside.starts) counts[taste.dig_in] = taste.start_samples.size();
    if (beside.cut) {
      for (const Taste& taste : beside.cut->tastes()) counts[taste.dig_in] = taste.trials;
    }
    check_counts(session, facts, counts, beside.csv);
    if (!beside.cut) warn_of_order(session, beside, facts);
  } else if (!known && session.info) {
    check_counts(session, facts, read_trial_counts(*session.info), *session.info);
  }
  add_times(beside, facts);
}

}  // namespace rnn_rates::session
