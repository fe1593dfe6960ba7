#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "h5/file.hpp"

namespace rnn_rates::h5 {

bool has_attribute(const File& file, const std::string& object, const std::string& name);

/// Text attributes are fixed-length UTF-8; an existing one is replaced.
void write_attribute(File& file, const std::string& object, const std::string& name,
                     const std::string& value);
void write_attribute(File& file, const std::string& object, const std::string& name, std::int64_t value);
void write_attribute(File& file, const std::string& object, const std::string& name, double value);

/// Of variable length, for formats that ask for it: our own have texts whose bytes are part of the attribute.
void write_variable_attribute(File& file, const std::string& object, const std::string& name,
                              const std::string& value);
void write_variable_attribute(File& file, const std::string& object, const std::string& name,
                              const std::vector<std::string>& values);

/// Throw Error(input) if the attribute is absent or of another kind.
std::string read_text_attribute(const File& file, const std::string& object, const std::string& name);
double read_number_attribute(const File& file, const std::string& object, const std::string& name);

}  // namespace rnn_rates::h5
