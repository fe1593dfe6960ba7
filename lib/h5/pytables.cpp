#include "h5/pytables.hpp"

#include "h5/attribute.hpp"

namespace rnn_rates::h5 {

void mark_pytables_root(File& file) {
  mark_pytables_group(file, "/");
  write_attribute(file, "/", "PYTABLES_FORMAT_VERSION", std::string("2.1"));
}

void mark_pytables_group(File& file, const std::string& group, const std::string& title) {
  write_attribute(file, group, "CLASS", std::string("GROUP"));
  write_attribute(file, group, "TITLE", title);
  write_attribute(file, group, "VERSION", std::string("1.0"));
}

void mark_pytables_array(File& file, const std::string& dataset) {
  write_attribute(file, dataset, "CLASS", std::string("ARRAY"));
  write_attribute(file, dataset, "FLAVOR", std::string("numpy"));
  write_attribute(file, dataset, "TITLE", std::string());
  write_attribute(file, dataset, "VERSION", std::string("2.4"));
}

}  // namespace rnn_rates::h5
