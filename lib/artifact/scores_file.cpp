#include "artifact/scores_file.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/natural_order.hpp"
#include "h5/attribute.hpp"
#include "h5/dataset.hpp"
#include "h5/strings.hpp"

namespace rnn_rates::artifact {

using inference::MethodScore;
using inference::Metric;
using inference::ScoreTable;

namespace {

ScoreTable read_table(const h5::File& file, const std::string& fit) {
  const std::string group = "/scores/" + fit;
  const auto names = h5::read_strings(file, group + "/methods");
  const auto bits = h5::read_vector<double>(file, group + "/bits_per_spike");
  const auto co_bits = h5::read_vector<double>(file, group + "/co_bits_per_spike");
  const auto per_unit = h5::read_array<double, 2>(file, group + "/bits_per_spike_per_unit");
  if (bits.size() != names.size() || co_bits.size() != names.size() || per_unit.extent(0) != names.size()) {
    throw Error(ErrorKind::input, "{}: scores of {}, {} and {} methods, expected {}", file.where(group),
                bits.size(), co_bits.size(), per_unit.extent(0), names.size());
  }
  ScoreTable table{.fit = fit, .methods = {}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double* row = per_unit.data() + i * per_unit.extent(1);
    table.methods.push_back({read_method(file, group, names[i]), bits[i], co_bits[i],
                             std::vector<double>(row, row + per_unit.extent(1))});
  }
  return table;
}

}  // namespace

inference::Method read_method(const h5::File& file, const std::string& object, const std::string& name) {
  if (const auto method = choice_called<inference::Method>(name)) return *method;
  throw Error(ErrorKind::input, "{}: there is no method '{}'", file.where(object), name);
}

void write_score_table(h5::File& file, const ScoreTable& table) {
  const std::string group = "/scores/" + table.fit;
  std::vector<std::string> names;
  std::vector<double> bits, co_bits;
  Array<double, 2> per_unit({table.methods.size(), table.methods.front().per_unit.size()});
  for (std::size_t i = 0; i < table.methods.size(); ++i) {
    const MethodScore& score = table.methods[i];
    names.emplace_back(word(score.method));
    bits.push_back(score.bits_per_spike);
    co_bits.push_back(score.co_bits_per_spike);
    std::copy(score.per_unit.begin(), score.per_unit.end(), &per_unit(i, 0));
  }
  h5::write_strings(file, group + "/methods", names, {"methods, best first", "method", "1"});
  h5::write_vector<double>(
      file, group + "/bits_per_spike", bits,
      {"information on spikes not seen, against each unit's mean rate", "method", "bits per spike"});
  h5::write_vector<double>(
      file, group + "/co_bits_per_spike", co_bits,
      {"the same while the whole unit is hidden in the trial", "method", "bits per spike"});
  h5::write_array(file, group + "/bits_per_spike_per_unit", per_unit,
                  {"information on spikes not seen, of each unit", "method unit", "bits per spike"});
}

void write_metrics(h5::File& file, const std::vector<Metric>& metrics) {
  for (const Metric& metric : metrics) {
    h5::write_scalar(file, "/metrics/" + metric.fit + "/" + metric.name, metric.value,
                     {metric.meaning, "", metric.units});
  }
}

std::vector<ScoreTable> read_score_tables(const h5::File& file) {
  std::vector<ScoreTable> tables;
  if (!h5::exists(file, "/scores")) return tables;
  std::vector<std::string> fits = h5::children(file, "/scores");
  std::sort(fits.begin(), fits.end(), natural_less);
  for (const std::string& fit : fits) tables.push_back(read_table(file, fit));
  return tables;
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

}  // namespace rnn_rates::artifact
