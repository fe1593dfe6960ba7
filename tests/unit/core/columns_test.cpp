#include "core/columns.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

using namespace rnn_rates;

namespace {

using Whole = std::vector<std::int64_t>;
using Numbers = std::vector<double>;
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("cells are whole numbers, numbers or texts") {
  CHECK(from_cells({"1", "-20"}) == Column(Whole{1, -20}));
  CHECK(from_cells({"1", "2.5"}) == Column(Numbers{1, 2.5}));
  const Column with_gap = from_cells({"1", ""});
  REQUIRE(std::holds_alternative<Numbers>(with_gap));
  CHECK(std::isnan(std::get<Numbers>(with_gap)[1]));
  CHECK(from_cells({"1", "2 s"}) == Column(Texts{"1", "2 s"}));
  CHECK(from_cells({"", "True"}) == Column(Texts{"", "True"}));
}

TEST_CASE("rows are taken in any order") {
  const Column column = Texts{"a", "b", "c"};
  CHECK(rows_of(column, Whole{2, 0, 0}) == Column(Texts{"c", "a", "a"}));
  CHECK_THROWS_AS(rows_of(column, Whole{3}), std::out_of_range);
  CHECK(length(column) == 3);
}

TEST_CASE("a long text makes a column long") {
  CHECK(is_short(Texts{"", std::string(100, 'x')}));
  CHECK_FALSE(is_short(Texts{"", std::string(101, 'x')}));
  CHECK(is_short(Numbers{1e300}));
}

TEST_CASE("a column that says something else than the one of its name gets another") {
  Columns columns{{"row", Whole{1, 2}}};
  add_column(columns, "row", Whole{1, 2});
  add_column(columns, "side", Texts{"left", "right"});
  CHECK(columns.size() == 2);
  add_column(columns, "row", Whole{5, 6});
  CHECK(columns.at("row") == Column(Whole{1, 2}));
  CHECK(columns.at("recorded_row") == Column(Whole{5, 6}));
}
