#include "nwb/objects.hpp"

#include <fmt/format.h>

#include <numeric>
#include <string_view>

#include "core/digest.hpp"
#include "h5/attribute.hpp"
#include "h5/dataset.hpp"
#include "h5/strings.hpp"

namespace rnn_rates::nwb {
namespace {

/// A UUID of version 8 (RFC 9562: bits of the maker's choice) from 32 hexadecimal digits.
std::string uuid(const std::string& hex) {
  const std::string_view all = hex;
  return fmt::format("{}-{}-8{}-8{}-{}", all.substr(0, 8), all.substr(8, 4), all.substr(13, 3),
                     all.substr(17, 3), all.substr(20, 12));
}

}  // namespace

void ObjectWriter::mark(const std::string& object, const std::string& space, const std::string& type) {
  Digest digest;
  digest.add_text(seed_);
  digest.add_text(object);
  h5::create_group(file_, h5::is_dataset(file_, object) || object == "/" ? "" : object);
  h5::write_variable_attribute(file_, object, "namespace", space);
  h5::write_variable_attribute(file_, object, "neurodata_type", type);
  h5::write_variable_attribute(file_, object, "object_id", uuid(digest.hex()));
}

void ObjectWriter::describe(const std::string& object, const std::string& description) {
  h5::write_variable_attribute(file_, object, "description", description);
}

void ObjectWriter::table(const std::string& group, const std::string& space, const std::string& type,
                         const std::string& description, std::size_t rows,
                         const std::vector<std::string>& columns) {
  mark(group, space, type);
  describe(group, description);
  h5::write_variable_attribute(file_, group, "colnames", columns);
  std::vector<std::int64_t> ids(rows);
  std::iota(ids.begin(), ids.end(), 0);
  h5::write_vector<std::int64_t>(file_, group + "/id", ids, {"row", "row", "1"});
  mark(group + "/id", "hdmf-common", "ElementIdentifiers");
}

void ObjectWriter::column(const std::string& group, const std::string& name, const std::string& description,
                          const Column& values) {
  const std::string object = group + "/" + name;
  if (const auto* const texts = std::get_if<std::vector<std::string>>(&values)) {
    h5::write_variable_texts(file_, object, *texts);
  } else if (const auto* const whole = std::get_if<std::vector<std::int64_t>>(&values)) {
    h5::write_vector<std::int64_t>(file_, object, *whole, {description, "row", "1"});
  } else {
    h5::write_vector<double>(file_, object, std::get<std::vector<double>>(values), {description, "row", "1"});
  }
  mark(object, "hdmf-common", "VectorData");
  describe(object, description);
}

void ObjectWriter::stretches(const std::string& group, const std::string& name,
                             const std::string& description,
                             const std::vector<std::vector<h5::Stretch>>& rows) {
  const std::string object = group + "/" + name, index = object + "_index";
  std::vector<h5::Stretch> all;
  std::vector<std::uint64_t> ends;
  ends.reserve(rows.size());
  for (const auto& row : rows) {
    all.insert(all.end(), row.begin(), row.end());
    ends.push_back(all.size());
  }
  h5::write_stretches(file_, object, all);
  mark(object, "core", "TimeSeriesReferenceVectorData");
  describe(object, description);
  h5::write_vector<std::uint64_t>(file_, index, ends, {"end of each row in " + name, "row", "1"});
  mark(index, "hdmf-common", "VectorIndex");
  describe(index, "Index for " + name);
  h5::write_reference_attribute(file_, index, "target", object);
}

void ObjectWriter::time_series(const std::string& group, const std::string& description,
                               const std::string& comments, const std::string& unit,
                               const Array<float, 2>& data, const std::vector<double>& timestamps_s) {
  mark(group, "core", "TimeSeries");
  describe(group, description);
  h5::write_variable_attribute(file_, group, "comments", comments);
  h5::write_array(file_, group + "/data", data, {description, "time channel", unit});
  h5::write_attribute(file_, group + "/data", "conversion", 1.0);
  h5::write_attribute(file_, group + "/data", "offset", 0.0);
  h5::write_attribute(file_, group + "/data", "resolution", -1.0);
  h5::write_variable_attribute(file_, group + "/data", "unit", unit);
  h5::write_vector<double>(file_, group + "/timestamps", timestamps_s, {"centre of each bin", "time", "s"});
  h5::write_attribute(file_, group + "/timestamps", "interval", std::int64_t{1});
  h5::write_variable_attribute(file_, group + "/timestamps", "unit", std::string("seconds"));
}

}  // namespace rnn_rates::nwb
