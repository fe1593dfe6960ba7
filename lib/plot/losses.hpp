#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "plot/picture.hpp"

namespace rnn_rates::plot {

/// How the training of one fit went.
struct FitLosses {
  std::string session;
  std::string fit;                              ///< such as "region all, taste 0"
  std::vector<float> train;                     ///< one a step, the first at step 1
  std::vector<std::uint32_t> validation_steps;  ///< increasing
  std::vector<float> validation;                ///< at these steps
  std::uint32_t best_step = 0;  ///< step of the lowest validation loss; 0, where not validated: none
  std::size_t colour = 0;       ///< of the fit in its session, as of tastes
};

/// Steps (from 1) and losses in turn: `losses` (step) itself, or where it has more than `most` values the
/// means of blocks of equal size but for the last, each at the mean of its steps.
std::vector<float> block_means(std::span<const float> losses, std::size_t most);

/// Train loss and validation loss by step, the best step marked: a panel for each fit, with a line for each
/// of its networks. The loss axes are logarithmic if asked for, unless a loss is not positive. Throws
/// Error(bug) unless there is a fit, and a validation loss for each validation step.
Picture losses_picture(std::span<const FitLosses> losses, bool logarithmic);

}  // namespace rnn_rates::plot
