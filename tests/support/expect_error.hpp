#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/error.hpp"

namespace rnn_rates::test {

/// Checks that `action` throws an Error of `kind` whose message holds every one of `words`.
template <class Action>
void expect_error(ErrorKind kind, const std::vector<std::string>& words, Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(static_cast<int>(error.kind()) == static_cast<int>(kind));
    for (const std::string& word : words) {
      INFO(std::string(error.what()) << "\nshould hold: " << word);
      CHECK(std::string(error.what()).find(word) != std::string::npos);
    }
    return;
  }
  FAIL_CHECK("nothing was thrown");
}

}  // namespace rnn_rates::test
