#include "core/digest.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <cstdint>

namespace rnn_rates {

void Digest::Free::operator()(XXH3_state_t* state) const { XXH3_freeState(state); }

Digest::Digest() : state_(XXH3_createState()) { XXH3_128bits_reset(state_.get()); }

void Digest::add(const void* bytes, std::size_t count) { XXH3_128bits_update(state_.get(), bytes, count); }

void Digest::add_text(std::string_view text) {
  const std::uint64_t length = text.size();
  add(&length, sizeof length);
  add(text.data(), text.size());
}

std::string Digest::hex() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace rnn_rates
