#pragma once

#include <optional>
#include <span>
#include <string>

#include "h5/handle.hpp"

namespace rnn_rates::h5 {

/// Throws Error(input) where chunks are longer than the dataset can ever become along a fixed axis, which
/// HDF5 lets nobody create. Reading such chunks it goes past the end of what is stored, and may crash.
void check_chunks(const Handle& dataset, const Handle& creation_properties, const std::string& where);

/// Access properties that keep unpacked what one index of the first axis lies in, or all of a vector: with
/// the megabyte that HDF5 keeps otherwise, each block that is read may unpack the same chunks anew. Nothing
/// where a megabyte does, or where the chunks are too large to keep.
std::optional<Handle> access_to_packed_rows(const Handle& dataset, std::span<const std::size_t> shape,
                                            const std::string& where);

}  // namespace rnn_rates::h5
