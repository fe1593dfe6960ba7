#include "inference/score_table.hpp"

#include <algorithm>

namespace rnn_rates::inference {
namespace {

template <class Wanted>
const MethodScore* first(const ScoreTable& table, Wanted wanted) {
  const auto found = std::find_if(table.methods.begin(), table.methods.end(),
                                  [&](const MethodScore& score) { return wanted(score.method); });
  return found == table.methods.end() ? nullptr : &*found;
}

}  // namespace

const MethodScore* published(const ScoreTable& table) {
  const MethodScore* combined = first(table, [](Method method) { return method == Method::combined; });
  return combined != nullptr ? combined : first(table, [](Method method) { return method == Method::rnn; });
}

const MethodScore* best_simple(const ScoreTable& table) { return first(table, is_simple); }

}  // namespace rnn_rates::inference
