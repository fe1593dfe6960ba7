#pragma once

#include <string>
#include <vector>

#include "h5/file.hpp"

namespace rnn_rates::h5 {

/// Texts of variable length, UTF-8, for formats that ask for them. Our own files hold texts of fixed length,
/// whose bytes are part of the dataset.
void write_variable_attribute(File& file, const std::string& object, const std::string& name,
                              const std::string& value);
void write_variable_attribute(File& file, const std::string& object, const std::string& name,
                              const std::vector<std::string>& values);
/// A scalar dataset, and one of one axis; the groups above are created.
void write_variable_text(File& file, const std::string& object, const std::string& value);
void write_variable_texts(File& file, const std::string& object, const std::vector<std::string>& values);

}  // namespace rnn_rates::h5
