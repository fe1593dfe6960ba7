#include "session/unit_choice.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "core/error.hpp"
#include "h5/dataset.hpp"
#include "h5/table.hpp"
#include "nwb/table.hpp"

namespace rnn_rates::session {
namespace {

const std::string descriptor = "/unit_descriptor";

/// Some units of another recording.
class ChosenUnits final : public Recording {
 public:
  ChosenUnits(RecordingFacts facts, std::unique_ptr<Recording> whole, std::vector<std::size_t> units)
      : Recording(std::move(facts)), whole_(std::move(whole)), units_(std::move(units)) {}

 private:
  void read_checked(std::size_t taste, std::size_t trial, std::size_t first_ms, std::size_t last_ms,
                    std::span<double> spikes) override {
    const std::size_t width = last_ms - first_ms;
    if (units_.size() == whole_->units()) return whole_->read_trial(taste, trial, first_ms, last_ms, spikes);
    all_.resize(whole_->units() * width);
    whole_->read_trial(taste, trial, first_ms, last_ms, all_);
    for (std::size_t unit = 0; unit < units_.size(); ++unit) {
      std::copy_n(all_.begin() + static_cast<std::ptrdiff_t>(units_[unit] * width), width,
                  spikes.begin() + static_cast<std::ptrdiff_t>(unit * width));
    }
  }

  std::unique_ptr<Recording> whole_;
  std::vector<std::size_t> units_;
  std::vector<double> all_;
};

template <class T>
std::vector<T> picked(const std::vector<T>& values, const std::vector<std::size_t>& rows) {
  std::vector<T> some;
  some.reserve(rows.size());
  for (const std::size_t row : rows) some.push_back(values.at(row));
  return some;
}

std::vector<std::int64_t> whole_numbers(const std::vector<double>& numbers) {
  std::vector<std::int64_t> whole;
  whole.reserve(numbers.size());
  std::transform(numbers.begin(), numbers.end(), std::back_inserter(whole),
                 [](double number) { return std::isfinite(number) ? std::llround(number) : -1; });
  return whole;
}

std::vector<std::int64_t> counting(std::size_t count) {
  std::vector<std::int64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
  return numbers;
}

UnitTable open_nwb_units(const h5::File& file, const std::string& group) {
  if (!h5::is_dataset(file, group + "/spike_times")) return {file.where(group), {}, {}, {}, {}};
  const nwb::Table table(file, group);
  UnitTable units{file.where(group), table.columns(), {}, {}, {}};
  units.columns.emplace_back("id");
  units.read = [&file, group](const std::string& name) -> Column {
    const nwb::Table columns(file, group);
    if (columns.holds_numbers(name)) return columns.numbers(name);
    return columns.texts(name);
  };
  if (table.has("id")) units.ids = whole_numbers(table.numbers("id"));
  units.rows = counting(table.row_starts("spike_times").size() - 1);
  return units;
}

/// Rows in order of unit_number, as arrays are.
UnitTable open_descriptor(const h5::File& file) {
  UnitTable units{file.where(descriptor), h5::table_columns(file, descriptor), {}, {}, {}};
  const std::size_t count = h5::Dataset(file, descriptor).length();
  units.rows = counting(count);
  if (std::find(units.columns.begin(), units.columns.end(), "unit_number") != units.columns.end()) {
    units.ids = whole_numbers(h5::read_table_column(file, descriptor, "unit_number"));
    std::stable_sort(units.rows.begin(), units.rows.end(), [&](std::int64_t a, std::int64_t b) {
      return units.ids[static_cast<std::size_t>(a)] < units.ids[static_cast<std::size_t>(b)];
    });
    std::sort(units.ids.begin(), units.ids.end());
  }
  units.read = [&file, rows = units.rows](const std::string& name) -> Column {
    const std::vector<double> stored = h5::read_table_column(file, descriptor, name);
    return picked(stored, std::vector<std::size_t>(rows.begin(), rows.end()));
  };
  return units;
}

UnitTable open_table(const h5::File& file, bool is_nwb, const std::string& units_table) {
  if (is_nwb) return open_nwb_units(file, units_table);
  if (h5::is_dataset(file, descriptor)) return open_descriptor(file);
  return {file.where(descriptor), {}, {}, {}, {}};
}

UnitChoice all_units(const UnitTable& table) {
  UnitChoice all{.where = table.where};
  if (!table.rows.empty()) all.columns["row"] = table.rows;
  if (!table.ids.empty() && table.ids.size() == table.rows.size()) all.columns["id"] = table.ids;
  return all;
}

}  // namespace

UnitChoice choose_units(const h5::File& file, bool is_nwb, const std::string& units_table,
                        const std::string& expression) {
  if (expression.empty()) {
    try {
      return all_units(open_table(file, is_nwb, units_table));
    } catch (const Error&) {
      return {};  // What cannot be read is told where it is needed.
    }
  }
  UnitTable table = open_table(file, is_nwb, units_table);
  UnitChoice choice = all_units(table);
  choice.expression = expression;
  table.read = [&choice, read = table.read](const std::string& name) {
    return choice.columns[name] = read(name);
  };
  choice.wanted = fulfilled(expression, table);
  return choice;
}

std::unique_ptr<Recording> take_units(std::unique_ptr<Recording> recording, const UnitChoice& choice) {
  const std::size_t units = recording->units();
  RecordingFacts facts = recording->facts();
  const Column in_order = counting(units);
  bool ordinary = choice.expression.empty();
  for (const auto& [name, column] : choice.columns) {
    if (length(column) == units) {
      ordinary = ordinary && column == in_order;
      facts.unit_columns[name] = column;
    } else if (!choice.expression.empty()) {
      throw Error(ErrorKind::input,
                  "{}: {} rows, expected {}, one per unit of the spikes, to choose units by", choice.where,
                  length(column), units);
    }
  }
  if (ordinary) return recording;
  std::vector<std::size_t> chosen;
  for (std::size_t unit = 0; unit < units; ++unit) {
    if (choice.wanted.empty() || choice.wanted[unit]) chosen.push_back(unit);
  }
  if (chosen.empty()) {
    throw Error(ErrorKind::input, "{}: none of {} units fulfils units = \"{}\"", choice.where, units,
                choice.expression);
  }
  facts.unit_regions = picked(facts.unit_regions, chosen);
  const std::vector<std::int64_t> rows(chosen.begin(), chosen.end());
  for (auto& [name, column] : facts.unit_columns) column = rows_of(column, rows);
  if (!facts.observed.empty()) facts.observed = picked(facts.observed, chosen);
  return std::make_unique<ChosenUnits>(std::move(facts), std::move(recording), std::move(chosen));
}

}  // namespace rnn_rates::session
