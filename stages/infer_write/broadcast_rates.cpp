#include "infer_write/broadcast_rates.hpp"

namespace rnn_rates::infer_write {
namespace {

template <class T>
void broadcast(std::vector<T>& values, int from, const mpi::Group& group) {
  std::uint64_t count = values.size();
  group.broadcast_bytes(&count, sizeof count, from);
  values.resize(count);
  group.broadcast_bytes(values.data(), count * sizeof(T), from);
}

void broadcast(std::vector<std::string>& texts, int from, const mpi::Group& group) {
  std::uint64_t count = texts.size();
  group.broadcast_bytes(&count, sizeof count, from);
  texts.resize(count);
  for (std::string& text : texts) text = group.broadcast(text, from);
}

template <class T, std::size_t Rank>
void broadcast(Array<T, Rank>& array, int from, const mpi::Group& group) {
  typename Array<T, Rank>::Shape shape = array.shape();
  group.broadcast_bytes(shape.data(), sizeof shape, from);
  if (shape != array.shape()) array = Array<T, Rank>(shape);
  group.broadcast_bytes(array.data(), array.size() * sizeof(T), from);
}

}  // namespace

void broadcast(artifact::FitRates& rates, int from, const mpi::Group& group) {
  if (group.size() == 1) return;
  rates.name = group.broadcast(rates.name, from);
  broadcast(rates.pred_firing, from, group);
  broadcast(rates.latent_out, from, group);
  broadcast(rates.pred_x, from, group);
  broadcast(rates.rate_hz, from, group);
  broadcast(rates.time_ms, from, group);
  broadcast(rates.units, from, group);
  broadcast(rates.trial_taste, from, group);
  broadcast(rates.test_trials, from, group);
  broadcast(rates.trial_fold, from, group);
  broadcast(rates.bin_fold, from, group);
  broadcast(rates.rate_out_of_fold_hz, from, group);
  broadcast(rates.rate_standard_error_hz, from, group);
  broadcast(rates.latent_factors, from, group);
  broadcast(rates.factor_loadings, from, group);
  broadcast(rates.log_rate_offset, from, group);
  broadcast(rates.combined_methods, from, group);
  broadcast(rates.combination_weights, from, group);
  group.broadcast_bytes(&rates.combination_shift, sizeof rates.combination_shift, from);
}

void broadcast(artifact::ScoreTable& table, int from, const mpi::Group& group) {
  if (group.size() == 1) return;
  table.fit = group.broadcast(table.fit, from);
  std::uint64_t methods = table.methods.size();
  group.broadcast_bytes(&methods, sizeof methods, from);
  table.methods.resize(methods);
  for (artifact::MethodScore& method : table.methods) {
    method.name = group.broadcast(method.name, from);
    group.broadcast_bytes(&method.bits_per_spike, sizeof method.bits_per_spike, from);
    group.broadcast_bytes(&method.co_bits_per_spike, sizeof method.co_bits_per_spike, from);
    broadcast(method.per_unit, from, group);
    broadcast(method.rate_hz, from, group);
  }
}

}  // namespace rnn_rates::infer_write
