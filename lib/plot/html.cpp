#include "plot/html.hpp"

#include <fmt/format.h>

#include <array>

#include "core/error.hpp"
#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

/// 'sha256-...' as security policies have it.
std::string source_of(const PageAsset& asset) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < asset.sha256.size(); i += 2) {
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoul(std::string(asset.sha256.substr(i, 2)), nullptr, 16)));
  }
  return "'sha256-" + base64(bytes) + "'";
}

std::string sources(const std::vector<PageAsset>& assets) {
  std::string list;
  for (const PageAsset& asset : assets) list += fmt::format(" {}", source_of(asset));
  return list.empty() ? " 'none'" : list;
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string result;
  // Line by line, as a line break is not printable.
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    result += html_text(text.substr(0, end)) + "\n";
    text.remove_prefix(end + 1);
  }
  constexpr std::string_view markup = "&<>\"'";
  constexpr std::array escapes{"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
  for (const char character : printable(text)) {
    const std::size_t at = markup.find(character);
    result += at == std::string_view::npos ? std::string(1, character) : escapes[at];
  }
  return result;
}

std::string json_in_html(std::string json) {
  // In JSON a < stands in texts only.
  for (auto at = json.find('<'); at != std::string::npos; at = json.find('<', at)) {
    json.replace(at, 1, "\\u003c");
  }
  return json;
}

std::string link_to(std::string_view path) {
  std::string link;
  for (const char character : path) {
    const bool plain = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
                       (character >= '0' && character <= '9') ||
                       std::string_view("/._-").find(character) != std::string_view::npos;
    link += plain ? std::string(1, character)
                  : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(character)));
  }
  return link;
}

std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = i; j < i + 3; ++j) group = group << 8U | (j < bytes.size() ? bytes[j] : 0U);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) text += digits[group >> shift & 63U];
    for (std::size_t j = bytes.size(); j < i + 3; ++j) text[text.size() - (i + 3 - j)] = '=';
  }
  return text;
}

std::string security_policy(const std::vector<PageAsset>& scripts, const std::vector<PageAsset>& styles) {
  return fmt::format(
      "default-src 'none'; script-src{}; style-src{}; img-src data:; base-uri 'none'; form-action 'none'",
      sources(scripts), sources(styles));
}

std::string filled(std::string_view page, const std::map<std::string, std::string>& values) {
  std::string result;
  while (!page.empty()) {
    const auto begin = page.find("{{"), end = page.find("}}", begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) break;
    const auto value = values.find(std::string(page.substr(begin + 2, end - begin - 2)));
    if (value == values.end())
      throw Error(ErrorKind::bug, "a page has no value for {}", page.substr(begin, end + 2 - begin));
    result += page.substr(0, begin);
    result += value->second;
    page.remove_prefix(end + 2);
  }
  return result.append(page);
}

}  // namespace rnn_rates::plot
