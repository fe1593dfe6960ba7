#include "nwb/conditions.hpp"

#include <doctest/doctest.h>
#include <hdf5.h>

#include <algorithm>
#include <limits>

#include "nwb_file.hpp"
#include "support/expect_error.hpp"

using namespace rnn_rates;
using namespace rnn_rates::nwb;
using namespace rnn_rates::test;

namespace {

using Texts = std::vector<std::string>;
constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

Texts read(const TestFile& nwb, const std::string& chosen, std::size_t rows = 3) {
  return read_conditions(Table(nwb.file, "/intervals/trials"), chosen, rows);
}

}  // namespace

TEST_CASE("a column of lists says for each trial what is in its list") {
  TestFile nwb;
  nwb.texts("/intervals/trials/stimulus", {"sucrose", "sucrose", "water"});
  nwb.ends("/intervals/trials/stimulus_index", {1, 3, 3});
  CHECK(read(nwb, "auto") == Texts{"sucrose", "sucrose+water", ""});
  nwb.numbers("/intervals/trials/level", {1, 0.5, 2});
  nwb.ends("/intervals/trials/level_index", {1, 3, 3});
  CHECK(read(nwb, "level") == Texts{"1", "0.5+2", ""});
  nwb.ends("/intervals/trials/level_index_index", {1, 2, 3});
  expect_error(ErrorKind::input, {"/level", "lists of lists"}, [&] { read(nwb, "level"); });
}

TEST_CASE("numbers that stand for names are told by name") {
  TestFile nwb;
  nwb.numbers("/intervals/trials/condition", {2, 0, 1});
  nwb.texts("/intervals/trials/condition_elements", {"sucrose", "water", "NaCl"});
  CHECK(read(nwb, "auto") == Texts{"NaCl", "sucrose", "water"});
  nwb.numbers("/intervals/trials/bad", {2, 0, 3});
  nwb.texts("/intervals/trials/bad_elements", {"sucrose", "water", "NaCl"});
  expect_error(ErrorKind::input, {"/bad", "holds 3", "3 names"}, [&] { read(nwb, "bad"); });
  // HDF5's own enumeration.
  const h5::Handle type(H5Tenum_create(H5T_STD_I16BE), "type");
  for (const auto& [name, number] : {std::pair{"left", std::int16_t{-1}}, {"right", std::int16_t{1}}}) {
    std::int16_t stored = number;
    h5::check(H5Tconvert(H5T_NATIVE_INT16, H5T_STD_I16BE, 1, &stored, nullptr, H5P_DEFAULT), "number");
    h5::check(H5Tenum_insert(type.get(), name, &stored), "name");
  }
  const hsize_t rows = 3;
  const h5::Handle space(H5Screate_simple(1, &rows, nullptr), "space");
  const h5::Handle side(H5Dcreate2(nwb.file.id(), "/intervals/trials/side", type.get(), space.get(),
                                   H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                        "side");
  const unsigned char big_endian[] = {0, 1, 0xff, 0xff, 0, 1};
  h5::check(H5Dwrite(side.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, big_endian), "values");
  CHECK(read(nwb, "side") == Texts{"right", "left", "right"});
}

TEST_CASE("numbers are told with 12 digits, and what is not one is no condition") {
  TestFile nwb;
  nwb.numbers("/intervals/trials/contrast", {0.1 + 0.2, not_known, 850126378});
  CHECK(read(nwb, "contrast") == Texts{"0.3", "", "850126378"});
  h5::write_vector<float>(nwb.file, "/intervals/trials/speed", {{0.1F, 2.0F, 12.345F}}, anything);
  CHECK(read(nwb, "speed") == Texts{"0.1", "2", "12.345"});
  const std::int64_t beyond_double = (std::int64_t{1} << 53) + 1;
  h5::write_vector<std::int64_t>(nwb.file, "/intervals/trials/image",
                                 {{beyond_double, beyond_double - 1, -3}}, anything);
  CHECK(read(nwb, "image") == Texts{"9007199254740993", "9007199254740992", "-3"});
  nwb.texts("/intervals/trials/odor", {" mint ", "nan", ""});
  CHECK(read(nwb, "odor") == Texts{"mint", "", ""});
}

TEST_CASE("several columns make a condition together") {
  TestFile nwb;
  nwb.numbers("/intervals/trials/left", {0.5, 0, not_known});
  nwb.texts("/intervals/trials/right", {"a", "b", "a"});
  CHECK(read(nwb, "left,right") == Texts{"0.5, a", "0, b", ""});
  CHECK(read(nwb, "left, right") == read(nwb, "left,right"));
  expect_error(ErrorKind::input, {"no column 'middle'", "left, right"}, [&] { read(nwb, "left,middle"); });
  nwb.texts("/intervals/trials/short", {"a"});
  expect_error(ErrorKind::input, {"'left' and 'short' have 3 and 1 rows"}, [&] { read(nwb, "left,short"); });
}

TEST_CASE("columns that could tell the condition have 2 to 50 different values") {
  TestFile nwb;
  std::vector<double> times(60);
  for (std::size_t row = 0; row < times.size(); ++row) times[row] = static_cast<double>(row);
  std::vector<double> sides(60);
  std::transform(times.begin(), times.end(), sides.begin(), [](double time) { return time < 30 ? 0 : 1; });
  nwb.numbers("/intervals/trials/start_time", times);
  nwb.numbers("/intervals/trials/cue_time", times);
  nwb.numbers("/intervals/trials/side", sides);
  nwb.numbers("/intervals/trials/block", std::vector<double>(60, 1));
  expect_error(ErrorKind::input, {"--condition", "different values: side"}, [&] { read(nwb, "auto", 60); });
}

TEST_CASE("conditions come in the order of their numbers, then texts in natural order") {
  Texts conditions = {"water 10", "0.5", "-1", "water 2", "0.25", "10", "2"};
  std::sort(conditions.begin(), conditions.end(), condition_less);
  CHECK(conditions == Texts{"-1", "0.25", "0.5", "2", "10", "water 2", "water 10"});
  Texts pairs = {"0.5, 1", "0.5, 0.25", "0, 1", "0.5"};
  std::sort(pairs.begin(), pairs.end(), condition_less);
  CHECK(pairs == Texts{"0, 1", "0.5", "0.5, 0.25", "0.5, 1"});
}
