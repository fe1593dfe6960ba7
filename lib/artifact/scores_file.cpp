#include "artifact/scores_file.hpp"

#include "artifact/fields.hpp"
#include "core/error.hpp"
#include "h5/attribute.hpp"

namespace rnn_rates::artifact {

using inference::FitVerdict;
using inference::MethodScore;
using inference::Metric;
using inference::ScoreTable;

namespace {

/// The numbers of a score that there is one of, by their names in the file.
struct Column {
  const char* name;
  const char* meaning;
  double MethodScore::*value;
};
constexpr Column columns[] = {
    {"bits_per_hidden_spike", "information on hidden spikes, against each unit's mean rate",
     &MethodScore::bits_per_hidden_spike},
    {"standard_error", "of bits_per_hidden_spike, over trials", &MethodScore::standard_error},
    {"bits_over_best_simple", "bits_per_hidden_spike minus that of the best simple method",
     &MethodScore::bits_over_best_simple},
    {"over_best_simple_standard_error", "of bits_over_best_simple, over trials, paired",
     &MethodScore::over_best_simple_standard_error},
    {"co_bits_per_spike", "the same while the whole unit is hidden in the trial",
     &MethodScore::co_bits_per_spike},
};

/// Those that there is one of for each unit or fold.
struct Row {
  const char* name;
  const char* meaning;
  const char* axes;
  std::vector<double> MethodScore::*values;
};
const Row rows[] = {
    {"bits_per_hidden_spike_per_unit", "information on hidden spikes of each unit", "method unit",
     &MethodScore::per_unit},
    {"bits_per_hidden_spike_per_fold", "information on hidden spikes of the trials that each fold held out",
     "method fold", &MethodScore::per_fold},
};

void check_methods(const h5::File& file, const std::string& object, std::size_t found, std::size_t expected) {
  if (found == expected) return;
  throw Error(ErrorKind::input, "{}: scores of {} methods, expected {}", file.where(object), found, expected);
}

ScoreTable read_table(const h5::File& file, const std::string& fit) {
  const std::string group = "/scores/" + fit + "/";
  const auto names = h5::read_strings(file, group + "methods");
  ScoreTable table{.fit = fit, .methods = std::vector<MethodScore>(names.size())};
  for (std::size_t i = 0; i < names.size(); ++i)
    table.methods[i].method = read_method(file, group + "methods", names[i]);
  for (const Column& column : columns) {
    const auto values = h5::read_vector<double>(file, group + column.name);
    check_methods(file, group + column.name, values.size(), names.size());
    for (std::size_t i = 0; i < names.size(); ++i) table.methods[i].*column.value = values[i];
  }
  for (const Row& row : rows) {
    const auto values = h5::read_array<double, 2>(file, group + row.name);
    check_methods(file, group + row.name, values.extent(0), names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      const double* from = values.data() + i * values.extent(1);
      (table.methods[i].*row.values).assign(from, from + values.extent(1));
    }
  }
  return table;
}

/// None where there is no such group.
std::vector<std::string> fits_in_any(const h5::File& file, const std::string& group) {
  return h5::exists(file, group) ? fits_in(file, group) : std::vector<std::string>();
}

}  // namespace

inference::Method read_method(const h5::File& file, const std::string& object, const std::string& name) {
  if (const auto method = choice_called<inference::Method>(name)) return *method;
  throw Error(ErrorKind::input, "{}: there is no method '{}'", file.where(object), name);
}

void write_score_table(h5::File& file, const ScoreTable& table) {
  const std::string group = "/scores/" + table.fit + "/";
  std::vector<std::string> names;
  names.reserve(table.methods.size());
  for (const MethodScore& score : table.methods) names.emplace_back(word(score.method));
  h5::write_strings(file, group + "methods", names, {"methods, best first", "method", "1"});
  for (const Column& column : columns) {
    std::vector<double> values;
    values.reserve(table.methods.size());
    for (const MethodScore& score : table.methods) values.push_back(score.*column.value);
    h5::write_vector<double>(file, group + column.name, values, {column.meaning, "method", "bits per spike"});
  }
  for (const Row& row : rows) {
    Array<double, 2> values({table.methods.size(), (table.methods.front().*row.values).size()});
    for (std::size_t i = 0; i < table.methods.size(); ++i)
      std::copy((table.methods[i].*row.values).begin(), (table.methods[i].*row.values).end(), &values(i, 0));
    h5::write_array(file, group + row.name, values, {row.meaning, row.axes, "bits per spike"});
  }
}

void write_metrics(h5::File& file, const std::vector<Metric>& metrics) {
  for (const Metric& metric : metrics) {
    h5::write_scalar(file, "/metrics/" + metric.fit + "/" + metric.name, metric.value,
                     {metric.meaning, "", metric.units});
  }
}

void write_verdict(h5::File& file, const FitVerdict& verdict) {
  const std::vector<std::string> texts = {std::string(word(verdict.verdict)), verdict.why};
  h5::write_strings(file, "/verdicts/" + verdict.fit, texts,
                    {"verdict on the fit's rates, and why", "label", "1"});
}

std::vector<ScoreTable> read_score_tables(const h5::File& file) {
  const std::vector<std::string> fits = fits_in_any(file, "/scores");
  std::vector<ScoreTable> tables;
  tables.reserve(fits.size());
  for (const std::string& fit : fits) tables.push_back(read_table(file, fit));
  return tables;
}

std::vector<FitVerdict> read_verdicts(const h5::File& file) {
  const std::vector<std::string> fits = fits_in_any(file, "/verdicts");
  std::vector<FitVerdict> verdicts;
  verdicts.reserve(fits.size());
  for (const std::string& fit : fits) {
    const std::string object = "/verdicts/" + fit;
    const auto texts = h5::read_strings(file, object);
    const auto verdict = choice_called<inference::Verdict>(texts.empty() ? "" : texts.front());
    if (!verdict || texts.size() != 2)
      throw Error(ErrorKind::input, "{}: is not a verdict and its reason", file.where(object));
    verdicts.push_back({fit, *verdict, texts[1]});
  }
  return verdicts;
}

std::vector<Metric> read_metrics(const h5::File& file) {
  std::vector<Metric> metrics;
  if (!h5::exists(file, "/metrics")) return metrics;
  for (const std::string& fit : h5::children(file, "/metrics")) {
    for (const std::string& name : h5::children(file, "/metrics/" + fit)) {
      const std::string object = "/metrics/" + fit + "/" + name;
      metrics.push_back({fit, name, h5::read_text_attribute(file, object, "long_name"),
                         h5::read_text_attribute(file, object, "units"),
                         h5::read_scalar<double>(file, object)});
    }
  }
  return metrics;
}

inference::SessionScores read_scores(const h5::File& file) {
  return {read_metrics(file), read_score_tables(file), read_verdicts(file)};
}

}  // namespace rnn_rates::artifact
