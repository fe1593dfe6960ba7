#pragma once

#include <zlib.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "files.hpp"

namespace rnn_rates::test {

/// As much of a zlib stream as can be unpacked: empty for anything else.
inline std::string unpacked(std::string_view packed) {
  std::string text;
  std::string buffer(1 << 16, '\0');
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return text;
  std::string input(packed);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  for (int status = Z_OK; status == Z_OK;) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(buffer, 0, buffer.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return text;
}

/// Pages of the PDF `bytes`, whose objects stand in it as text (PDF 1.4) or in packed streams (PDF 1.5).
inline std::size_t pdf_pages(std::string_view bytes) {
  constexpr std::string_view begin = "stream\n", end = "endstream";
  std::string objects;
  std::size_t from = 0;
  for (auto at = bytes.find(begin); at != std::string_view::npos; at = bytes.find(begin, from)) {
    objects += bytes.substr(from, at - from);
    from = bytes.find(end, at);
    if (from == std::string_view::npos) return 0;
    objects += unpacked(bytes.substr(at + begin.size(), from - at - begin.size()));
    from += end.size();
  }
  objects += bytes.substr(from);
  return occurrences(objects, "/Type /Page") - occurrences(objects, "/Type /Pages");
}

}  // namespace rnn_rates::test
