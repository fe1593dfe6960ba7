#include "artifact/columns_file.hpp"

#include "artifact/fields.hpp"

namespace rnn_rates::artifact {

void write_columns(h5::File& file, const std::string& group, const Columns& columns, const std::string& row) {
  for (const auto& [name, column] : columns) {
    const h5::Description description{fmt::format("{} of each {} in the recording", name, row), row,
                                      name == "time_s" ? "s" : "1"};
    std::visit(
        [&, name = name](const auto& values) {
          Writer{file, group}(name, values, description);
        },
        column);
  }
}

Columns read_columns(const h5::File& file, const std::string& group) {
  Columns columns;
  if (!h5::is_group(file, group)) return columns;
  for (const std::string& name : h5::children(file, group)) {
    const std::string object = group + "/" + name;
    if (!h5::is_dataset(file, object)) continue;
    const h5::Dataset dataset(file, object);
    if (dataset.is_text()) {
      columns[name] = h5::read_strings(file, object);
    } else if (dataset.is_integer()) {
      columns[name] = h5::read_vector<std::int64_t>(file, object);
    } else {
      columns[name] = h5::read_vector<double>(file, object);
    }
  }
  return columns;
}

}  // namespace rnn_rates::artifact
