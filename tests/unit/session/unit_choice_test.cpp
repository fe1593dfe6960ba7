#include "session/unit_choice.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "h5/strings.hpp"
#include "session_folder.hpp"

using namespace rnn_rates;
using namespace rnn_rates::session;
using namespace rnn_rates::test;

namespace {

using Rows = std::vector<bool>;

/// Four units.
UnitTable table() {
  const Columns columns = {{"quality", std::vector<std::string>{"good", "mua", "good", "noise"}},
                           {"snr", std::vector<double>{5, 2, std::numeric_limits<double>::quiet_NaN(), 0}},
                           {"is noise", std::vector<double>{0, 0, 1, 1}},
                           {"limit", std::vector<std::int64_t>{4, 4, 4, 0}}};
  UnitTable units{
      "a.nwb:/units", {}, [columns](const std::string& name) { return columns.at(name); }, {}, {0, 1, 2, 3}};
  for (const auto& [name, column] : columns) units.columns.push_back(name);
  return units;
}

Rows which(const std::string& expression) { return fulfilled(expression, table()); }

void unreadable(const std::string& expression, const std::string& why) {
  expect_error(ErrorKind::config, {"units = \"" + expression, why}, [&] { which(expression); });
}

}  // namespace

TEST_CASE("units are chosen by columns, texts and numbers") {
  CHECK(which("quality == 'good'") == Rows{true, false, true, false});
  CHECK(which("quality == good") == which("'good' == quality"));
  CHECK(which("quality != \"good\"") == Rows{false, true, false, true});
  CHECK(which("snr > 1.5") == Rows{true, true, false, false});
  CHECK(which("snr >= limit") == Rows{true, false, false, true});
  CHECK(which("snr < -1 or limit <= 0") == Rows{false, false, false, true});
  CHECK(which("snr != 0") == Rows{true, true, true, false});
  CHECK(which("snr") == Rows{true, true, false, false});
  CHECK(which("`is noise` == True") == Rows{false, false, true, true});
}

TEST_CASE("not binds before and, and before or, parentheses before all") {
  CHECK(which("not quality == 'good' and snr > 1") == Rows{false, true, false, false});
  CHECK(which("quality == 'good' or snr > 1 and limit == 0") == Rows{true, false, true, false});
  CHECK(which("(quality == 'good' or snr > 1) and limit == 4") == Rows{true, true, true, false});
  CHECK(which("not (quality == 'good' and not `is noise`)") == Rows{false, true, true, true});
}

TEST_CASE("an expression that cannot be read says why, one of a missing column which there are") {
  unreadable("snr >", "its end stands where a column or value belongs");
  unreadable("(snr > 1", "a parenthesis is not closed");
  unreadable("snr > 1 snr", "'snr' is too much");
  unreadable("quality == 'good", "' is not closed");
  unreadable("quality = 'good'", "'=' is not known");
  unreadable("quality == 1", "a number and a text");
  unreadable("quality and snr", "'quality' is a text");
  expect_error(ErrorKind::input,
               {"a.nwb:/units", "no column 'rate'", "it has: is noise, limit, quality, snr"},
               [] { which("rate > 1"); });
}

TEST_CASE("chosen units are read, and their rows, ids and columns kept") {
  const TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "a.h5");
  Array<double, 3> spikes({1, 3, 2});
  for (std::size_t unit = 0; unit < 3; ++unit) spikes(0, unit, 1) = static_cast<double>(unit + 1);
  h5::write_array(file, "/spike_trains/dig_in_0/spike_array", spikes, anything);
  h5::write_strings(file, "/spike_trains/unit_regions", std::vector<std::string>{"gc", "gc", "bla"},
                    anything);
  write_unit_descriptor(file, {{7, 5}, {0, 0}, {2, 6}});
  file.close();
  const auto open = [&](const std::string& units) { return open_recording(folder.path(), {.units = units}); };
  const auto chosen =
      open("electrode_number > 0");  // unit_number 2 and 7, the second and third of the spikes
  CHECK(chosen->unit_regions() == std::vector<std::string>{"gc", "bla"});
  CHECK(whole_trial(*chosen, 0, 0) == std::vector<double>{0, 2, 0, 3});
  const Columns& columns = chosen->facts().unit_columns;
  CHECK(std::get<std::vector<std::int64_t>>(columns.at("id")) == std::vector<std::int64_t>{2, 7});
  CHECK(std::get<std::vector<std::int64_t>>(columns.at("row")) == std::vector<std::int64_t>{2, 0});
  CHECK(std::get<std::vector<double>>(columns.at("electrode_number")) == std::vector<double>{6, 5});
  CHECK(whole_trial(*open(""), 0, 0) == std::vector<double>{0, 1, 0, 2, 0, 3});
  CHECK(open("")->facts().unit_columns.contains("row"));
  expect_error(ErrorKind::input, {"none of 3 units", "electrode_number > 9"},
               [&] { open("electrode_number > 9"); });
  expect_error(ErrorKind::input, {"/unit_descriptor", "no column 'snr'", "unit_number, electrode_number"},
               [&] { open("snr > 1"); });
}

TEST_CASE("units that are simply all in order are told nothing of") {
  const TemporaryFolder folder;
  h5::File file = h5::File::create(folder / "a.h5");
  write_spike_array(file, "dig_in_0", {1, 2, 2});
  write_unit_descriptor(file, {{0, 5}, {1, 0}});
  file.close();
  CHECK(open_recording(folder.path(), {})->facts().unit_columns.empty());
}
