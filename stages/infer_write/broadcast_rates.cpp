#include "infer_write/broadcast_rates.hpp"

#include <type_traits>

namespace rnn_rates::infer_write {
namespace {

/// Notes how many elements each part has.
struct Measure {
  std::vector<std::uint64_t> extents = {};

  template <class List>
  void extent(List& list) {
    extents.push_back(list.size());
  }
  template <class T, std::size_t Rank>
  void extent(Array<T, Rank>& array) {
    extents.insert(extents.end(), array.shape().begin(), array.shape().end());
  }
  void values(void*, std::size_t) {}
};

/// Gives each part as many elements as were noted.
struct Resize {
  const std::uint64_t* next;

  template <class List>
  void extent(List& list) {
    list.resize(*next++);
  }
  template <class T, std::size_t Rank>
  void extent(Array<T, Rank>& array) {
    typename Array<T, Rank>::Shape shape;
    for (std::size_t& axis : shape) axis = *next++;
    if (shape != array.shape()) array = Array<T, Rank>(shape);
  }
  void values(void*, std::size_t) {}
};

/// Sends the values of parts that have the same extents on all ranks.
struct Send {
  int from;
  const mpi::Group& group;

  template <class Part>
  void extent(Part&) {}
  void values(void* first, std::size_t bytes) { group.broadcast_bytes(first, bytes, from); }
};

template <class Visit>
void visit_parts(double& value, Visit& visit) {
  visit.values(&value, sizeof value);
}

template <class Visit>
void visit_parts(std::string& text, Visit& visit) {
  visit.extent(text);
  visit.values(text.data(), text.size());
}

template <class T, std::size_t Rank, class Visit>
void visit_parts(Array<T, Rank>& array, Visit& visit) {
  visit.extent(array);
  visit.values(array.data(), array.size() * sizeof(T));
}

template <class Visit>
void visit_parts(artifact::MethodScore& method, Visit& visit);

template <class T, class Visit>
void visit_parts(std::vector<T>& list, Visit& visit) {
  visit.extent(list);
  if constexpr (std::is_arithmetic_v<T>) {
    visit.values(list.data(), list.size() * sizeof(T));
  } else {
    for (T& each : list) visit_parts(each, visit);
  }
}

template <class Visit>
void visit_parts(artifact::MethodScore& method, Visit& visit) {
  visit_parts(method.name, visit);
  visit_parts(method.bits_per_spike, visit);
  visit_parts(method.co_bits_per_spike, visit);
  visit_parts(method.per_unit, visit);
  visit_parts(method.rate_hz, visit);
}

template <class Visit>
void visit_parts(artifact::ScoreTable& table, Visit& visit) {
  visit_parts(table.fit, visit);
  visit_parts(table.methods, visit);
}

template <class Visit>
void visit_parts(artifact::FitRates& rates, Visit& visit) {
  visit_parts(rates.name, visit);
  visit_parts(rates.pred_firing, visit);
  visit_parts(rates.latent_out, visit);
  visit_parts(rates.pred_x, visit);
  visit_parts(rates.rate_hz, visit);
  visit_parts(rates.time_ms, visit);
  visit_parts(rates.units, visit);
  visit_parts(rates.trial_taste, visit);
  visit_parts(rates.test_trials, visit);
  visit_parts(rates.trial_fold, visit);
  visit_parts(rates.bin_fold, visit);
  visit_parts(rates.rate_out_of_fold_hz, visit);
  visit_parts(rates.rate_standard_error_hz, visit);
  visit_parts(rates.latent_factors, visit);
  visit_parts(rates.factor_loadings, visit);
  visit_parts(rates.log_rate_offset, visit);
  visit_parts(rates.combined_methods, visit);
  visit_parts(rates.combination_weights, visit);
  visit_parts(rates.combination_shift, visit);
}

/// All memory is taken before values are sent and within on_all, so that a rank that does not get it leaves
/// none waiting.
template <class Whole>
void broadcast_parts(Whole& whole, int from, const mpi::Group& group) {
  if (group.size() == 1) return;
  Measure measured;
  group.on_all([&] {
    if (group.rank() == from) visit_parts(whole, measured);
  });
  std::uint64_t count = measured.extents.size();
  group.broadcast_bytes(&count, sizeof count, from);
  group.on_all([&] { measured.extents.resize(count); });
  group.broadcast_bytes(measured.extents.data(), count * sizeof(std::uint64_t), from);
  group.on_all([&] {
    Resize resize{measured.extents.data()};
    visit_parts(whole, resize);
  });
  Send send{from, group};
  visit_parts(whole, send);
}

}  // namespace

void broadcast(artifact::FitRates& rates, int from, const mpi::Group& group) {
  broadcast_parts(rates, from, group);
}

void broadcast(artifact::ScoreTable& table, int from, const mpi::Group& group) {
  broadcast_parts(table, from, group);
}

}  // namespace rnn_rates::infer_write
