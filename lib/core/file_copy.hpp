#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>

#include "core/atomic_file.hpp"
#include "core/file_guard.hpp"

namespace rnn_rates {

/// Throws Error(output), saying what to do, where a copy put in the file's place would not be all that the
/// file is: it is read-only or protected, or has further names (hard links).
void check_replaceable(const FileGuard& original);

/// Gives the copy owner, access rights, extended attributes (access lists among them) and flags of the
/// original. Throws Error(output) where one of them cannot be given.
void keep_properties(const FileGuard& original, const AtomicFile& copy);

/// Copies all bytes. The blocks are shared where the file system can, and compared then; otherwise they are
/// read and written piece by piece, zeros of a sparse file left out. Calls `between` between pieces of a few
/// megabytes, each on disk before the next but one, so that what it throws ends the copy within about a
/// second. Throws Error(output) as AtomicFile::write() does.
void copy_bytes(const FileGuard& original, AtomicFile& copy, const std::function<void()>& between);

}  // namespace rnn_rates
