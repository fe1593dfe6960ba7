#include <algorithm>

#include "artifact/fields.hpp"
#include "artifact/scores_file.hpp"
#include "core/error.hpp"

namespace rnn_rates::artifact {

using inference::ConditionTold;
using inference::LeakTest;
using inference::RegionsCorrelated;
using inference::Teller;

namespace {

const std::string group = "/leak_test";
const std::string conditions = group + "/conditions", regions = group + "/regions";

/// One value of each row; there must be as many as rows.
template <class Io, class Rows, class Row, class Value>
void column(const Io& io, const std::string& name, Rows& rows, Value Row::*member, const char* meaning) {
  std::vector<Value> values(rows.size());
  std::transform(rows.begin(), rows.end(), values.begin(), [&](const Row& row) { return row.*member; });
  io(name, values, {meaning, "row", "1"});
  if constexpr (!Io::writes) {
    if (values.size() != rows.size()) {
      throw Error(ErrorKind::input, "{}: holds {} values, expected {}", io.file.where(io.group + "/" + name),
                  values.size(), rows.size());
    }
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].*member = values[i];
  }
}

template <class Io, class Rows>
void condition_columns(const Io& io, Rows& rows) {
  column(io, "accuracy_before", rows, &ConditionTold::accuracy_before,
         "share of trials whose condition is told before the stimulus");
  column(io, "accuracy_after", rows, &ConditionTold::accuracy_after,
         "share of trials whose condition is told after the stimulus");
  column(io, "p_value", rows, &ConditionTold::p_value,
         "how often chance tells as much more than counts before the stimulus");
}

template <class Io, class Rows>
void region_columns(const Io& io, Rows& rows) {
  column(io, "first", rows, &RegionsCorrelated::first, "one region");
  column(io, "second", rows, &RegionsCorrelated::second, "the other region");
  column(io, "correlation", rows, &RegionsCorrelated::correlation,
         "held-out canonical correlation of what is left of single trials without their condition's average");
  column(io, "p_value", rows, &RegionsCorrelated::p_value,
         "how often chance correlates as much more than counts");
}

template <class Io, class Test>
void test_fields(const Io& io, Test& test) {
  io("trials", test.trials, {"trials told apart", "", "1"});
  io("condition_count", test.conditions, {"conditions told apart", "", "1"});
  io("chance", test.chance, {"share of the largest condition", "", "1"});
  io("joint_regions", test.joint_regions, {"1 where rates of one region read spikes of another", "", "1"});
}

template <class Row>
void write_tellers(h5::File& file, const std::string& in, const std::vector<Row>& rows) {
  std::vector<std::string> names;
  names.reserve(rows.size());
  for (const Row& row : rows) names.emplace_back(word(row.teller));
  h5::write_strings(file, in + "/teller", names, {"what was looked at: counts or rates", "row", "1"});
}

/// Rows with their tellers alone.
template <class Row>
std::vector<Row> read_tellers(const h5::File& file, const std::string& in) {
  std::vector<Row> rows;
  for (const std::string& name : h5::read_strings(file, in + "/teller")) {
    const auto teller = choice_called<Teller>(name);
    if (!teller)
      throw Error(ErrorKind::input, "{}: '{}' is neither counts nor rates", file.where(in + "/teller"), name);
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
  h5::write_vector<double>(file, group + "/before_ms", test.before_ms,
                           {"rates are averaged before the stimulus, from and to", "edge", "ms"});
  h5::write_vector<double>(file, group + "/after_ms", test.after_ms,
                           {"rates are averaged after the stimulus, from and to", "edge", "ms"});
  test_fields(Writer{file, group}, test);
  if (!test.conditions_told.empty()) {
    write_tellers(file, conditions, test.conditions_told);
    condition_columns(Writer{file, conditions}, test.conditions_told);
  }
  if (!test.correlations.empty()) {
    write_tellers(file, regions, test.correlations);
    region_columns(Writer{file, regions}, test.correlations);
  }
}

std::optional<LeakTest> read_leak_test(const h5::File& file) {
  if (!h5::exists(file, group + "/chance")) return {};
  LeakTest test;
  test.before_ms = read_limits(file, group + "/before_ms");
  test.after_ms = read_limits(file, group + "/after_ms");
  test_fields(Reader{file, group}, test);
  if (h5::exists(file, conditions + "/teller")) {
    test.conditions_told = read_tellers<ConditionTold>(file, conditions);
    condition_columns(Reader{file, conditions}, test.conditions_told);
  }
  if (h5::exists(file, regions + "/teller")) {
    test.correlations = read_tellers<RegionsCorrelated>(file, regions);
    region_columns(Reader{file, regions}, test.correlations);
  }
  return test;
}

}  // namespace rnn_rates::artifact
