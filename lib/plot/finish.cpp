#include "plot/finish.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "plot/html.hpp"
#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

/// Highest byte first, as PNG has it.
std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(number >> shift & 0xFFU);
  return bytes;
}

/// CRC-32 of ISO 3309, as the PNG specification's appendix computes it.
std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1U ^ 0xEDB88320U : crc >> 1U;
  }
  return ~crc;
}

std::string png_chunk(const std::string& type, const std::string& data) {
  return big_endian(static_cast<std::uint32_t>(data.size())) + type + data + big_endian(crc32(type + data));
}

/// UTF-8, neither packed nor in a language.
std::string png_text(const std::string& keyword, const std::string& text) {
  return png_chunk("iTXt", keyword + std::string(5, '\0') + printable(text));
}

std::string finished_png(const std::string& bytes, const Paper& paper, const FileNotes& notes) {
  constexpr std::size_t header_end = 33, width_at = 16;  // signature and IHDR
  if (bytes.size() < header_end) return bytes;
  std::uint32_t width_px = 0;
  for (std::size_t i = 0; i < 4; ++i)
    width_px = width_px << 8U | static_cast<unsigned char>(bytes[width_at + i]);
  const auto a_metre = static_cast<std::uint32_t>(std::lround(width_px / paper.width_mm * 1000.0));
  const char metres = 1;
  return bytes.substr(0, header_end) + png_chunk("pHYs", big_endian(a_metre) + big_endian(a_metre) + metres) +
         png_text("Title", notes.title) + png_text("Description", notes.description) +
         bytes.substr(header_end);
}

/// Replaces what stands between the first `begin` after `from` and the `end` that follows it, both included.
void replace_between(std::string& text, std::string_view begin, std::string_view end, const std::string& by) {
  const std::size_t first = text.find(begin);
  const std::size_t last = first == std::string::npos ? first : text.find(end, first + begin.size());
  if (last != std::string::npos) text.replace(first, last + end.size() - first, by);
}

std::string finished_svg(const std::string& bytes, const Paper& paper, const FileNotes& notes) {
  const std::size_t head_end = bytes.find("<g id=");
  std::string head = bytes.substr(0, head_end);
  double height_px = 0.0;
  constexpr std::string_view before_height = " height=\"";
  if (const std::size_t at = head.find(before_height); at != std::string::npos)
    std::from_chars(head.data() + at + before_height.size(), head.data() + head.size(), height_px);
  replace_between(head, " width=\"", "\n",
                  fmt::format(" width=\"{:g}mm\" height=\"{:.2f}mm\"\n", paper.width_mm,
                              height_px * paper.scale() * 25.4 / 96.0));
  replace_between(head, "<title>", "</title>", "<title>" + html_text(printable(notes.title)) + "</title>");
  replace_between(head, "<desc>", "</desc>", "<desc>" + html_text(printable(notes.description)) + "</desc>");
  std::string result = head;
  if (head_end == std::string::npos) return result;
  result.reserve(bytes.size() + 1000);
  constexpr std::string_view title = "<title>", title_end = "</title>", image = "<image ";
  for (std::size_t at = head_end; at < bytes.size();) {
    const std::size_t next = std::min(bytes.find(title, at), bytes.find(image, at));
    result.append(bytes, at, std::min(next, bytes.size()) - at);
    if (next == std::string::npos) break;
    if (bytes.compare(next, image.size(), image) == 0) {
      result += "<image style='image-rendering:pixelated' ";
      at = next + image.size();
    } else {
      const std::size_t end = bytes.find(title_end, next);
      at = end == std::string::npos ? bytes.size() : end + title_end.size();
    }
  }
  return result;
}

/// As UTF-16 in hexadecimal digits.
std::string pdf_text(const std::string& text) {
  std::string digits = "<FEFF";
  const std::string shown = printable(text);
  for (std::size_t i = 0; i < shown.size();) {
    const auto lead = static_cast<unsigned char>(shown[i]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    constexpr std::array<unsigned, 5> bits_of_lead{0, 0x7F, 0x1F, 0x0F, 0x07};
    unsigned code = lead & bits_of_lead[size];
    for (std::size_t j = 1; j < size && i + j < shown.size(); ++j)
      code = code << 6U | (static_cast<unsigned char>(shown[i + j]) & 0x3FU);
    if (code < 0x10000U) {
      digits += fmt::format("{:04X}", code);
    } else {
      code -= 0x10000U;
      digits += fmt::format("{:04X}{:04X}", 0xD800U + (code >> 10U), 0xDC00U + (code & 0x3FFU));
    }
    i += size;
  }
  return digits + ">";
}

/// What stands between `key` and the next of `ends` in `text` from `from` on; empty where there is no such
/// key.
std::string value_after(const std::string& text, std::size_t from, std::string_view key, const char* ends) {
  const std::size_t at = text.find(key, from);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + key.size();
  return text.substr(begin, text.find_first_of(ends, begin) - begin);
}

/// An update at the end, with the document's information anew (PDF 1.7, 7.5.6).
std::string finished_pdf(const std::string& bytes, const FileNotes& notes) {
  const std::size_t trailer = bytes.rfind("\ntrailer");
  if (trailer == std::string::npos) return bytes;
  const std::string info = value_after(bytes, trailer, "/Info ", " \n"),
                    root = value_after(bytes, trailer, "/Root ", " \n"),
                    size = value_after(bytes, trailer, "/Size ", " \n"),
                    before = value_after(bytes, trailer, "startxref\n", "\n");
  const std::size_t object = bytes.find("\n" + info + " 0 obj\n<<");
  if (info.empty() || root.empty() || size.empty() || before.empty() || object == std::string::npos)
    return bytes;
  const std::size_t begin = bytes.find("<<", object) + 2;
  const std::string known = bytes.substr(begin, bytes.find("\n>>", begin) - begin);
  std::string result = bytes;
  const std::size_t place = result.size();
  result += fmt::format("{} 0 obj\n<< /Title {}\n   /Subject {}\n  {}\n>>\nendobj\n", info,
                        pdf_text(notes.title), pdf_text(notes.description), known);
  const std::size_t references = result.size();
  result += fmt::format(
      "xref\n{} 1\n{:010} 00000 n \ntrailer\n<< /Size {}\n   /Root {} 0 R\n   /Info {} 0 R\n   /Prev "
      "{}\n>>\nstartxref\n{}\n%%EOF\n",
      info, place, size, root, info, before, references);
  return result;
}

}  // namespace

std::string finished(const std::string& bytes, PictureFormat format, const Paper& paper,
                     const FileNotes& notes) {
  switch (format) {
    case PictureFormat::svg:
      return finished_svg(bytes, paper, notes);
    case PictureFormat::pdf:
      return finished_pdf(bytes, notes);
    case PictureFormat::png:
      break;
  }
  return finished_png(bytes, paper, notes);
}

}  // namespace rnn_rates::plot
