#pragma once

#include <string>
#include <vector>

#include "core/array.hpp"
#include "plot/picture.hpp"

namespace rnn_rates::plot {

/// What the network of one fit reads.
struct FitInputs {
  std::string session;
  std::string name;             ///< of the fit, such as "region_gc_taste_0"
  std::string fit;              ///< such as "region gc, sucrose"
  std::vector<double> time_ms;  ///< (bin) centres, from the stimulus
  double bin_ms = 0.0;
  std::vector<float> pulse;          ///< (bin) stimulus input
  std::vector<float> trial_numbers;  ///< (trial) input that is constant over bins
  Array<float, 2> laser;             ///< (trial, bin) 1 with laser; empty unless it is an input
  std::string kind;                  ///< of the others: "components" or "units"
  std::vector<std::string> names;    ///< (input) such as "component 1" or "unit 003"
  Array<float, 3> values;            ///< (trial, input, bin)
};

/// The stimulus pulse by time, the trial numbers by trial, the laser as a heat map, trials by time, where it
/// is an input, and likewise the first components or units, at most 15, on one scale. Throws Error(bug) where
/// shapes disagree.
Picture inputs_picture(const FitInputs& inputs);

}  // namespace rnn_rates::plot
