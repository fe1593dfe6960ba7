#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/array.hpp"
#include "neural/chop.hpp"
#include "neural/fits.hpp"
#include "neural/overlap.hpp"

namespace rnn_rates::inference {

/// One fit of a session: some units on the trials of some tastes, scaled and reduced. Trials of several
/// tastes stand in taste order.
struct ReducedFit {
  std::string region;  ///< "all" for all units
  std::string taste;   ///< its index, "all", or "all_laser"
  std::uint64_t seed = 0;
  std::vector<std::uint32_t> units;        ///< indices into the session's units
  std::vector<std::uint32_t> trial_taste;  ///< (trial) index of the taste
  std::vector<double> trial_time_s;        ///< (trial) of the stimulus in the recording; empty if not known
  std::vector<std::uint32_t> train_trials;
  std::vector<std::uint32_t> test_trials;        ///< empty where there are too few trials to hold any out
  neural::Folds folds;                           ///< empty without folds
  neural::ChopSize chop;                         ///< stretches that the network reads
  std::vector<double> mean;                      ///< (unit) spikes per bin
  std::vector<double> scale;                     ///< (unit) spikes per bin
  Array<double, 2> basis;                        ///< (component, unit), orthonormal; as neural::Pca
  std::vector<double> explained_variance_ratio;  ///< (component)
  Array<float, 3> scores;                        ///< (trial, bin, component)
  Array<std::uint8_t, 2> laser;                  ///< (trial, bin) 1 with laser; empty unless it is an input

  std::string name() const { return neural::fit_name(region, taste); }
};

/// What pca.h5 holds.
struct ReducedSession {
  std::vector<double> bin_edges_ms;  ///< as in bins.h5
  double stim_ms = 0;
  std::vector<ReducedFit> fits;
};

}  // namespace rnn_rates::inference
