#pragma once

#include <span>
#include <string>
#include <vector>

#include "h5/dataset.hpp"

namespace rnn_rates::h5 {

/// A list of texts as a one-dimensional dataset of fixed-length UTF-8 strings, which PyTables reads too.
void write_strings(File& file, const std::string& object, std::span<const std::string> values,
                   const Description& description);

/// The same of variable length, for formats that ask for it; undescribed. The first is a scalar.
void write_variable_text(File& file, const std::string& object, const std::string& value);
void write_variable_texts(File& file, const std::string& object, const std::vector<std::string>& values);

/// A list of texts of fixed or variable length, of a scalar its one text. Throws Error(input) where the
/// object is absent, no list of texts, or declares more than its file has room for.
std::vector<std::string> read_strings(const File& file, const std::string& object);

}  // namespace rnn_rates::h5
