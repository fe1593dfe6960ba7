#include "nwb/write_rates.hpp"

#include <fmt/chrono.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <regex>

#include "core/atomic_file.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "h5/attribute.hpp"
#include "h5/dataset.hpp"
#include "h5/image.hpp"
#include "h5/strings.hpp"
#include "nwb/objects.hpp"

namespace rnn_rates::nwb {
namespace {

namespace fs = std::filesystem;

const std::string module_group = "/processing/rnn_rates", trials_group = "/intervals/trials";
const char* const digest_object = "/general/notes";

struct Trial {
  std::size_t condition = 0;
  std::size_t of_condition = 0;  ///< its place among those of its condition
  double stimulus_s = 0;
};

/// The session's trials in the order of time.
struct Timeline {
  std::vector<Trial> trials;
  bool recorded = true;  ///< false: the times are made up
};

Timeline lay_out(const RatesSession& session) {
  Timeline line;
  for (const ConditionTrials& condition : session.conditions)
    line.recorded = line.recorded && condition.stimulus_s.size() == condition.trials;
  for (std::size_t condition = 0; condition < session.conditions.size(); ++condition) {
    const ConditionTrials& of = session.conditions[condition];
    for (std::size_t trial = 0; trial < of.trials; ++trial)
      line.trials.push_back({condition, trial, line.recorded ? of.stimulus_s[trial] : 0.0});
  }
  const double window_s = session.window_end_s - session.window_start_s;
  if (line.recorded) {
    std::stable_sort(line.trials.begin(), line.trials.end(),
                     [](const Trial& a, const Trial& b) { return a.stimulus_s < b.stimulus_s; });
    for (std::size_t i = 1; i < line.trials.size(); ++i)
      line.recorded = line.recorded && line.trials[i].stimulus_s - line.trials[i - 1].stimulus_s >= window_s;
    line.recorded = line.recorded && line.trials.front().stimulus_s + session.window_start_s >= 0;
  }
  for (std::size_t i = 0; !line.recorded && i < line.trials.size(); ++i)
    line.trials[i].stimulus_s = static_cast<double>(i) * (window_s + 1) - session.window_start_s;
  return line;
}

/// (row) of a fit's trials: which of them each row of the timeline is, in order of time.
struct FitRows {
  std::vector<std::size_t> trials;  ///< indices of the fit's trials
  std::vector<double> times_s;      ///< (trial, bin) flat
};

FitRows rows_of(const Timeline& line, const RateSeries& fit) {
  std::vector<std::vector<std::size_t>> of_condition;
  for (std::size_t trial = 0; trial < fit.trial_condition.size(); ++trial) {
    const std::uint32_t condition = fit.trial_condition[trial];
    of_condition.resize(std::max<std::size_t>(of_condition.size(), condition + 1));
    of_condition[condition].push_back(trial);
  }
  FitRows rows;
  for (const Trial& trial : line.trials) {
    if (trial.condition >= of_condition.size() || trial.of_condition >= of_condition[trial.condition].size())
      continue;
    rows.trials.push_back(of_condition[trial.condition][trial.of_condition]);
    for (const double time_ms : fit.time_ms) rows.times_s.push_back(trial.stimulus_s + time_ms / 1000);
  }
  return rows;
}

void write_fit(ObjectWriter& nwb, const Timeline& line, const RateSeries& fit) {
  const FitRows rows = rows_of(line, fit);
  const std::size_t bins = fit.time_ms.size(), units = fit.rate_hz.extent(1), hidden = fit.latents.extent(1);
  Array<float, 2> rates({rows.trials.size() * bins, units}), latents({rows.trials.size() * bins, hidden});
  for (std::size_t row = 0; row < rows.trials.size(); ++row) {
    const std::size_t trial = rows.trials[row];
    for (std::size_t bin = 0; bin < bins; ++bin) {
      for (std::size_t unit = 0; unit < units; ++unit)
        rates(row * bins + bin, unit) = fit.rate_hz(trial, unit, bin);
      for (std::size_t latent = 0; latent < hidden; ++latent)
        latents(row * bins + bin, latent) = fit.latents(trial, latent, bin);
    }
  }
  nwb.time_series(
      module_group + "/" + fit.name + "_rate",
      fmt::format("Single-trial firing rates inferred by a recurrent network; columns are the rows {} "
                  "of the table units of this module",
                  fmt::join(fit.units, ", ")),
      "Hz", rates, rows.times_s);
  nwb.time_series(module_group + "/" + fit.name + "_latent",
                  "Latent factors: the network's last recurrent layer", "a.u.", latents, rows.times_s);
}

void write_trials(ObjectWriter& nwb, const Timeline& line, const RatesSession& session) {
  std::vector<double> start_s, stop_s, stimulus_s;
  std::vector<std::string> conditions;
  for (const Trial& trial : line.trials) {
    start_s.push_back(trial.stimulus_s + session.window_start_s);
    stop_s.push_back(trial.stimulus_s + session.window_end_s);
    stimulus_s.push_back(trial.stimulus_s);
    conditions.push_back(session.conditions[trial.condition].name);
  }
  nwb.table(trials_group, "core", "TimeIntervals", "The windows in which rates were inferred", start_s.size(),
            {"start_time", "stop_time", "stimulus_time", "condition"});
  nwb.column(trials_group, "start_time", "Start of the window, in seconds", start_s);
  nwb.column(trials_group, "stop_time", "End of the window, in seconds", stop_s);
  nwb.column(trials_group, "stimulus_time", "The stimulus, in seconds", stimulus_s);
  nwb.column(trials_group, "condition", "The taste, or other condition", conditions);
}

/// The start that blech_clust's recordings carry at the end of their name, _YYMMDD_HHMMSS; 1970 without one.
std::string start_time(const std::string& id) {
  static const std::regex stamp(R"(.*_(\d\d)(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)$)");
  std::smatch part;
  if (!std::regex_match(id, part, stamp)) return "1970-01-01T00:00:00+00:00";
  return fmt::format("20{}-{}-{}T{}:{}:{}+00:00", part[1].str(), part[2].str(), part[3].str(), part[4].str(),
                     part[5].str(), part[6].str());
}

std::string text_of(const h5::File& file, const char* object) {
  const std::vector<std::string> texts = h5::read_strings(file, object);
  if (texts.size() == 1) return texts.front();
  throw Error(ErrorKind::input, "{}: holds {} texts, expected 1", file.where(object), texts.size());
}

/// Who was recorded, which NWB asks for. blech_clust's recordings are called ANIMAL_...; of species and age
/// only what holds for all: an animal (the taxon Metazoa), 0 days old or older.
void write_subject(ObjectWriter& nwb, const std::string& id) {
  const std::string group = "/general/subject";
  nwb.mark(group, "core", "Subject");
  h5::write_variable_text(nwb.file(), group + "/subject_id", id.substr(0, id.find('_')));
  h5::write_variable_text(nwb.file(), group + "/sex", "U");
  h5::write_variable_text(nwb.file(), group + "/species", "http://purl.obolibrary.org/obo/NCBITaxon_33208");
  h5::write_variable_text(nwb.file(), group + "/age", "P0D/");
  h5::write_variable_attribute(nwb.file(), group + "/age", "reference", std::string("birth"));
  h5::write_variable_text(nwb.file(), group + "/description",
                          "Called as the first part of the session's name; species and age are not known");
}

void write_session(ObjectWriter& nwb, const RatesSession& session, const Timeline& line,
                   const std::string& content_digest) {
  h5::File& file = nwb.file();
  std::string identifier = session.id, start = start_time(session.id), reference = start;
  std::string description = "Firing rates inferred by rnn-rates from " + session.id + ".";
  if (session.source) {
    h5::reading([&] {
      const h5::File source = h5::File::open_read(*session.source);
      const auto text = [&](const char* object) { return text_of(source, object); };
      identifier = text("/identifier");
      start = text("/session_start_time");
      reference = text("/timestamps_reference_time");
      description += " The recording: " + text("/session_description");
      if (h5::is_group(source, "/general/subject"))
        h5::copy(source, "/general/subject", file, "/general/subject");
    });
  } else {
    write_subject(nwb, session.id);
    if (start.starts_with("1970")) description += " When it was recorded is not known.";
  }
  if (!line.recorded)
    description += " The times are made up: trials stand one second apart, in order of conditions.";
  h5::write_variable_text(file, "/identifier", identifier + "_rnn_rates_" + content_digest.substr(0, 8));
  h5::write_variable_text(file, "/session_description", description);
  h5::write_variable_text(file, "/session_start_time", start);
  h5::write_variable_text(file, "/timestamps_reference_time", reference);
  h5::write_variable_texts(file, "/file_create_date",
                           {fmt::format("{:%Y-%m-%dT%H:%M:%S}+00:00", fmt::gmtime(std::time(nullptr)))});
  h5::write_variable_text(file, digest_object, "rnn-rates, content digest of rates.h5: " + content_digest);
}

}  // namespace

bool holds_rates(const fs::path& path, const std::string& content_digest) {
  if (!fs::exists(path)) return false;
  std::optional<std::string> digest;
  try {
    const h5::File file = h5::File::open_read(path);
    if (h5::is_dataset(file, digest_object)) digest = text_of(file, digest_object);
  } catch (const Error&) {
    return false;
  }
  if (digest) return digest->ends_with(content_digest);
  throw Error(ErrorKind::output,
              "{}: is there already and not made by this program: nothing is written over it. Move it.",
              path.string());
}

void verify_rates(const fs::path& path) {
  try {
    const h5::File file = h5::File::open_read(path);
    h5::reading([&] {
      for (const std::string& object : h5::datasets_below(file, module_group)) {
        Digest digest;
        if (h5::Dataset(file, object).is_numeric()) h5::add_to_digest(file, object, digest);
      }
    });
  } catch (const Error& error) {
    throw Error(ErrorKind::input, "{}. Run infer_write --nwb --force again.", error.what());
  }
}

void write_rates(const fs::path& path, const RatesSession& session, const std::vector<RateSeries>& fits,
                 const std::string& content_digest) {
  const Timeline line = lay_out(session);
  write_file(path, h5::build_image(path, [&](h5::File& file) {
               ObjectWriter nwb(file, content_digest);
               nwb.mark("/", "core", "NWBFile");
               h5::write_variable_attribute(file, "/", "nwb_version", std::string("2.6.0"));
               for (const char* group : {"/acquisition", "/analysis", "/general", "/processing",
                                         "/stimulus/presentation", "/stimulus/templates"})
                 h5::create_group(file, group);
               write_session(nwb, session, line, content_digest);
               write_trials(nwb, line, session);
               nwb.mark(module_group, "core", "ProcessingModule");
               nwb.describe(module_group, "Single-trial firing rates and latent factors, by rnn-rates");
               nwb.table(module_group + "/units", "hdmf-common", "DynamicTable",
                         "The recording's units, in its order", session.unit_regions.size(), {"region"});
               nwb.column(module_group + "/units", "region", "Region of the unit", session.unit_regions);
               for (const RateSeries& fit : fits) write_fit(nwb, line, fit);
             }));
}

}  // namespace rnn_rates::nwb
