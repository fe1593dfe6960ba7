#include "artifact/leak_test_file.hpp"

#include "core/error.hpp"
#include "h5/dataset.hpp"
#include "h5/strings.hpp"

namespace rnn_rates::artifact {

using inference::ConditionTold;
using inference::LeakTest;
using inference::RegionsCorrelated;
using inference::Teller;

namespace {

const std::string group = "/leak_test/";
const std::string conditions = group + "conditions/", regions = group + "regions/";

/// One value of each row.
template <class Row, class Value>
std::vector<Value> column(const std::vector<Row>& rows, Value Row::*member) {
  std::vector<Value> values;
  values.reserve(rows.size());
  for (const Row& row : rows) values.push_back(row.*member);
  return values;
}

template <class Row>
void write_tellers(h5::File& file, const std::string& in, const std::vector<Row>& rows) {
  std::vector<std::string> names;
  names.reserve(rows.size());
  for (const Row& row : rows) names.emplace_back(word(row.teller));
  h5::write_strings(file, in + "teller", names, {"what was looked at: counts or rates", "row", "1"});
}

template <class Row>
void write_numbers(h5::File& file, const std::string& object, const std::vector<Row>& rows,
                   double Row::*member, const char* meaning) {
  h5::write_vector<double>(file, object, column(rows, member), {meaning, "row", "1"});
}

/// Sets one value of each row, of which there must be as many.
template <class Row, class Value>
void set_column(const h5::File& file, const std::string& object, const std::vector<Value>& values,
                std::vector<Row>& rows, Value Row::*member) {
  if (values.size() != rows.size()) {
    throw Error(ErrorKind::input, "{}: holds {} values, expected {}", file.where(object), values.size(),
                rows.size());
  }
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].*member = values[i];
}

template <class Row>
std::vector<Row> read_rows(const h5::File& file, const std::string& in) {
  std::vector<Row> rows;
  if (!h5::exists(file, in + "teller")) return rows;
  for (const std::string& name : h5::read_strings(file, in + "teller")) {
    const auto teller = choice_called<Teller>(name);
    if (!teller)
      throw Error(ErrorKind::input, "{}: '{}' is neither counts nor rates", file.where(in + "teller"), name);
    rows.push_back(Row{.teller = *teller});
  }
  return rows;
}

std::array<double, 2> read_limits(const h5::File& file, const std::string& object) {
  const auto edges = h5::read_vector<double>(file, object);
  if (edges.size() != 2)
    throw Error(ErrorKind::input, "{}: holds {} values, expected 2", file.where(object), edges.size());
  return {edges[0], edges[1]};
}

}  // namespace

void write_leak_test(h5::File& file, const LeakTest& test) {
  h5::write_vector<double>(file, group + "before_ms", test.before_ms,
                           {"rates are averaged before the stimulus, from and to", "edge", "ms"});
  h5::write_vector<double>(file, group + "after_ms", test.after_ms,
                           {"rates are averaged after the stimulus, from and to", "edge", "ms"});
  h5::write_scalar(file, group + "trials", static_cast<std::uint64_t>(test.trials),
                   {"trials told apart", "", "1"});
  h5::write_scalar(file, group + "condition_count", static_cast<std::uint64_t>(test.conditions),
                   {"conditions told apart", "", "1"});
  h5::write_scalar(file, group + "chance", test.chance, {"share of the largest condition", "", "1"});
  h5::write_scalar(file, group + "joint_regions", std::uint8_t{test.joint_regions},
                   {"1 where rates of one region read spikes of another", "", "1"});
  if (!test.conditions_told.empty()) {
    write_tellers(file, conditions, test.conditions_told);
    write_numbers(file, conditions + "accuracy_before", test.conditions_told, &ConditionTold::accuracy_before,
                  "share of trials whose condition is told before the stimulus");
    write_numbers(file, conditions + "accuracy_after", test.conditions_told, &ConditionTold::accuracy_after,
                  "share of trials whose condition is told after the stimulus");
    write_numbers(file, conditions + "p_value", test.conditions_told, &ConditionTold::p_value,
                  "how often chance tells as much more than counts before the stimulus");
  }
  if (!test.correlations.empty()) {
    write_tellers(file, regions, test.correlations);
    h5::write_strings(file, regions + "first", column(test.correlations, &RegionsCorrelated::first),
                      {"one region", "row", "1"});
    h5::write_strings(file, regions + "second", column(test.correlations, &RegionsCorrelated::second),
                      {"the other region", "row", "1"});
    write_numbers(
        file, regions + "correlation", test.correlations, &RegionsCorrelated::correlation,
        "held-out canonical correlation of what is left of single trials without their condition's average");
    write_numbers(file, regions + "p_value", test.correlations, &RegionsCorrelated::p_value,
                  "how often chance correlates as much more than counts");
  }
}

std::optional<LeakTest> read_leak_test(const h5::File& file) {
  if (!h5::exists(file, group + "chance")) return {};
  LeakTest test{.before_ms = read_limits(file, group + "before_ms"),
                .after_ms = read_limits(file, group + "after_ms"),
                .trials = h5::read_scalar<std::size_t>(file, group + "trials"),
                .conditions = h5::read_scalar<std::size_t>(file, group + "condition_count"),
                .chance = h5::read_scalar<double>(file, group + "chance"),
                .joint_regions = h5::read_scalar<std::uint8_t>(file, group + "joint_regions") != 0,
                .conditions_told = read_rows<ConditionTold>(file, conditions),
                .correlations = read_rows<RegionsCorrelated>(file, regions)};
  const auto numbers = [&](const std::string& object, auto& rows, auto member) {
    if (!rows.empty()) set_column(file, object, h5::read_vector<double>(file, object), rows, member);
  };
  numbers(conditions + "accuracy_before", test.conditions_told, &ConditionTold::accuracy_before);
  numbers(conditions + "accuracy_after", test.conditions_told, &ConditionTold::accuracy_after);
  numbers(conditions + "p_value", test.conditions_told, &ConditionTold::p_value);
  numbers(regions + "correlation", test.correlations, &RegionsCorrelated::correlation);
  numbers(regions + "p_value", test.correlations, &RegionsCorrelated::p_value);
  if (!test.correlations.empty()) {
    set_column(file, regions + "first", h5::read_strings(file, regions + "first"), test.correlations,
               &RegionsCorrelated::first);
    set_column(file, regions + "second", h5::read_strings(file, regions + "second"), test.correlations,
               &RegionsCorrelated::second);
  }
  return test;
}

}  // namespace rnn_rates::artifact
