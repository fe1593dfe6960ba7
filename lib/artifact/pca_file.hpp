#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "h5/file.hpp"
#include "inference/reduced_fit.hpp"

namespace rnn_rates::artifact {

/// What can be said of a pca.h5 without reading its values; fits in natural order (taste 2 before taste 10),
/// as those of inference::ReducedSession.
struct FitOutline {
  std::string name;
  std::size_t units, trials, bins, components, folds;
  neural::ChopSize chop;
  std::size_t test_trials = 0;  ///< held out where there are no folds
  std::string taste = "all";    ///< as of the fit
};
struct SessionOutline {
  std::vector<double> bin_edges_ms;
  double stim_ms = 0;
  std::vector<FitOutline> fits;
};
/// Throws Error(input).
SessionOutline read_outline(const h5::File& file);

void write_pca(h5::File& file, const inference::ReducedSession& session);
/// Throws Error(input).
inference::ReducedSession read_pca(const h5::File& file);
/// One of its fits.
inference::ReducedFit read_reduced_fit(const h5::File& file, const std::string& name);

}  // namespace rnn_rates::artifact
