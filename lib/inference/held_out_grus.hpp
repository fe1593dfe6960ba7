#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "core/array.hpp"
#include "inference/networks.hpp"
#include "neural/chop.hpp"
#include "neural/hidden.hpp"
#include "rnn/gru_forward.hpp"
#include "rnn/masked_counts.hpp"

namespace rnn_rates::inference {

/// Masked GRUs with the trials that each of them did not see; all trials where there are no folds. Refers to
/// what it is made from.
class HeldOutGrus {
 public:
  HeldOutGrus(const FitData& data, const MaskedGrus& networks, std::stop_token stop = {});

  /// Rates (trial, unit, bin) in Hz while the entries marked in `hidden` are hidden. Throws Error(stopped)
  /// between networks once `stop` is requested.
  Array<float, 3> operator()(const neural::Hidden& hidden) const;

  /// The trials that the network of a fold did not see.
  const std::vector<std::uint32_t>& trials(std::size_t fold) const { return folds_[fold].trials; }
  /// What the network of a fold makes of these trials while the entries of `hidden` (trial of the fit, unit,
  /// bin) are hidden.
  rnn::GruOutput outputs(std::size_t fold, const neural::Hidden& hidden) const;

 private:
  struct Fold {
    const MaskedGru* network;
    std::vector<std::uint32_t> trials;
    neural::Chops chops;   ///< of `trials`
    rnn::CountData reads;  ///< in chops
  };
  const FitData& data_;
  std::stop_token stop_;
  std::vector<Fold> folds_;
};

}  // namespace rnn_rates::inference
