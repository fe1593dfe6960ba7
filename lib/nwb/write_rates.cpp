#include "nwb/write_rates.hpp"

#include <fmt/chrono.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <regex>

#include "core/atomic_file.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "h5/attribute.hpp"
#include "h5/dataset.hpp"
#include "h5/edit.hpp"
#include "h5/references.hpp"
#include "h5/strings.hpp"
#include "nwb/objects.hpp"
#include "nwb/timeline.hpp"

namespace rnn_rates::nwb {
namespace {

namespace fs = std::filesystem;

const std::string module_group = "/processing/rnn_rates", trials_group = "/intervals/trials",
                  subject_group = "/general/subject";
const char* const digest_object = "/general/notes";

/// The trials of a fit that one series holds, in the order of time.
struct SeriesRows {
  std::vector<std::size_t> trials;  ///< indices of the fit's trials
  std::vector<std::size_t> rows;    ///< (trial) of the table of trials
  std::vector<double> times_s;      ///< (trial, bin) flat
};

SeriesRows series_rows(const Timeline& line, const RateSeries& fit, std::size_t series) {
  std::vector<std::vector<std::size_t>> of_condition;
  for (std::size_t trial = 0; trial < fit.trial_condition.size(); ++trial) {
    const std::uint32_t condition = fit.trial_condition[trial];
    of_condition.resize(std::max<std::size_t>(of_condition.size(), condition + 1));
    of_condition[condition].push_back(trial);
  }
  SeriesRows rows;
  for (std::size_t row = 0; row < line.trials.size(); ++row) {
    const TimedTrial& trial = line.trials[row];
    if (trial.series != series || trial.condition >= of_condition.size() ||
        trial.of_condition >= of_condition[trial.condition].size())
      continue;
    rows.trials.push_back(of_condition[trial.condition][trial.of_condition]);
    rows.rows.push_back(row);
    for (const double time_ms : fit.time_ms) rows.times_s.push_back(trial.stimulus_s + time_ms / 1000);
  }
  return rows;
}

/// (time, channel) `values` (trial, channel, bin) of some trials, one after the other.
Array<float, 2> in_order_of_time(const Array<float, 3>& values, const std::vector<std::size_t>& trials) {
  const std::size_t channels = values.extent(1), bins = values.extent(2);
  Array<float, 2> data({trials.size() * bins, channels});
  for (std::size_t at = 0; at < trials.size(); ++at) {
    for (std::size_t bin = 0; bin < bins; ++bin) {
      for (std::size_t channel = 0; channel < channels; ++channel)
        data(at * bins + bin, channel) = values(trials[at], channel, bin);
    }
  }
  return data;
}

/// (row of the table of trials) where series hold the trial's rates and latent factors.
using Stretches = std::vector<std::vector<h5::Stretch>>;

std::string with_knowledge(const std::string& comments, const std::string& knowledge) {
  return comments + (knowledge.empty() ? "" : "; " + knowledge);
}

void write_series(ObjectWriter& nwb, const RateSeries& fit, const SeriesRows& rows, const std::string& number,
                  Stretches& stretches) {
  const std::string name = module_group + "/" + fit.name, rate = name + "_rate" + number,
                    latent = name + "_latent" + number;
  const std::string order =
      fmt::format("Trials one after the other, each with {} bins: rows {} of the table of trials",
                  fit.time_ms.size(), fmt::join(rows.rows, ", "));
  nwb.time_series(rate,
                  fmt::format("Single-trial firing rates inferred by a recurrent network; columns are the "
                              "rows {} of the table units of this module",
                              fmt::join(fit.units, ", ")),
                  with_knowledge(order, fit.rates_know), "Hz", in_order_of_time(fit.rate_hz, rows.trials),
                  rows.times_s);
  nwb.time_series(latent, "Latent factors: the network's last recurrent layer",
                  with_knowledge(order, fit.latents_know), "a.u.", in_order_of_time(fit.latents, rows.trials),
                  rows.times_s);
  const auto bins = static_cast<std::int32_t>(fit.time_ms.size());
  for (std::size_t at = 0; at < rows.rows.size(); ++at) {
    for (const std::string& series : {rate, latent})
      stretches[rows.rows[at]].push_back({series, static_cast<std::int32_t>(at) * bins, bins});
  }
}

void write_fit(ObjectWriter& nwb, const Timeline& line, const RateSeries& fit, Stretches& stretches) {
  for (std::size_t series = 0; series < line.series; ++series) {
    const SeriesRows rows = series_rows(line, fit, series);
    if (rows.rows.empty()) continue;
    write_series(nwb, fit, rows, line.series > 1 ? fmt::format("_{}", series) : "", stretches);
  }
}

/// What the recording says of the trials, in their order and under names that are not NWB's own.
Columns recorded_columns(const Timeline& line, const RatesSession& session, Columns columns) {
  std::vector<std::int64_t> order;
  order.reserve(line.trials.size());
  for (const TimedTrial& trial : line.trials) order.push_back(static_cast<std::int64_t>(trial.of_session));
  for (const auto& [name, column] : session.trial_columns) {
    const bool reserved = name == "id" || name == "tags" || name.starts_with("timeseries");
    add_column(columns, reserved ? "recorded_" + name : name, rows_of(column, order));
  }
  return columns;
}

void write_trials(ObjectWriter& nwb, const Timeline& line, const RatesSession& session,
                  const Stretches& stretches) {
  std::vector<double> start_s, stop_s, stimulus_s;
  std::vector<std::string> conditions;
  for (const TimedTrial& trial : line.trials) {
    start_s.push_back(trial.stimulus_s + session.window_start_s);
    stop_s.push_back(trial.stimulus_s + session.window_end_s);
    stimulus_s.push_back(trial.stimulus_s);
    conditions.push_back(session.conditions[trial.condition].name);
  }
  const std::map<std::string, std::string> own = {{"start_time", "Start of the window, in seconds"},
                                                  {"stop_time", "End of the window, in seconds"},
                                                  {"stimulus_time", "The stimulus, in seconds"},
                                                  {"condition", "The taste, or other condition"}};
  const Columns columns = recorded_columns(line, session,
                                           {{"start_time", start_s},
                                            {"stop_time", stop_s},
                                            {"stimulus_time", stimulus_s},
                                            {"condition", conditions}});
  std::vector<std::string> names{"start_time", "stop_time", "stimulus_time", "condition"};
  for (const auto& [name, column] : columns) {
    if (!own.contains(name)) names.push_back(name);
  }
  names.emplace_back("timeseries");
  nwb.table(trials_group, "core", "TimeIntervals",
            fmt::format("The windows in which rates were inferred, in the order of {}",
                        line.recorded ? "recording" : "conditions; the times are made up"),
            start_s.size(), names);
  for (const auto& [name, column] : columns) {
    const auto known = own.find(name);
    nwb.column(trials_group, name, known == own.end() ? name + " in the recording" : known->second, column);
  }
  nwb.stretches(trials_group, "timeseries", "Where the series of rates and latent factors hold the trial",
                stretches);
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
  const std::string& group = subject_group;
  nwb.mark(group, "core", "Subject");
  h5::write_variable_text(nwb.file(), group + "/subject_id", id.substr(0, id.find('_')));
  h5::write_variable_text(nwb.file(), group + "/sex", "U");
  h5::write_variable_text(nwb.file(), group + "/species", "http://purl.obolibrary.org/obo/NCBITaxon_33208");
  h5::write_variable_text(nwb.file(), group + "/age", "P0D/");
  h5::write_variable_attribute(nwb.file(), group + "/age", "reference", std::string("birth"));
  h5::write_variable_text(nwb.file(), group + "/description",
                          "Called as the first part of the session's name; species and age are not known");
}

/// The fields that NWB's own type has: of one that an extension made of it, readers without the extension
/// know no more.
void copy_subject(const h5::File& source, ObjectWriter& nwb) {
  nwb.mark(subject_group, "core", "Subject");
  for (const char* field : {"age", "date_of_birth", "description", "genotype", "sex", "species", "strain",
                            "subject_id", "weight"}) {
    const std::string object = subject_group + "/" + field;
    if (h5::is_dataset(source, object) && h5::Dataset(source, object).is_text())
      h5::copy(source, object, nwb.file(), object);
  }
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
      if (h5::is_group(source, subject_group)) copy_subject(source, nwb);
    });
  } else {
    write_subject(nwb, session.id);
    if (start.starts_with("1970")) description += " When it was recorded is not known.";
  }
  if (!line.recorded)
    description +=
        " When its trials were is not known: their times are made up, one second apart, in order of "
        "conditions.";
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
               nwb.mark(module_group, "core", "ProcessingModule");
               nwb.describe(module_group, "Single-trial firing rates and latent factors, by rnn-rates");
               nwb.table(module_group + "/units", "hdmf-common", "DynamicTable",
                         "The recording's units, in its order", session.unit_regions.size(), {"region"});
               nwb.column(module_group + "/units", "region", "Region of the unit", session.unit_regions);
               Stretches stretches(line.trials.size());
               for (const RateSeries& fit : fits) write_fit(nwb, line, fit, stretches);
               write_trials(nwb, line, session, stretches);
             }));
}

}  // namespace rnn_rates::nwb
