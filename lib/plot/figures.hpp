#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/array.hpp"
#include "plot/picture.hpp"

namespace rnn_rates::plot {

// The figures that are not of a region, each in a source file of its own.

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
Picture inputs_picture(const FitInputs& inputs, const Paper& paper);

/// How the training of one fit went.
struct FitLosses {
  std::string session;
  std::string fit;                              ///< such as "region all, taste 0"
  std::string unit;                             ///< of the losses, such as "nats per bin"
  std::vector<float> train;                     ///< one per step, the first at step 1
  std::vector<std::uint32_t> validation_steps;  ///< increasing
  std::vector<float> validation;                ///< at these steps
  std::uint32_t best_step = 0;  ///< step of the lowest validation loss; 0, where not validated: none
  std::size_t colour = 0;       ///< of the fit in its session, as of tastes
};

/// Steps (from 1) and losses in turn: `losses` (step) itself, or where it has more than `most` values the
/// means of blocks of equal size but for the last, each at the mean of its steps.
std::vector<float> block_means(std::span<const float> losses, std::size_t most);

/// Train loss (means of blocks of steps) and validation loss by step, the best steps ringed: a panel for each
/// fit, with a line for each of its networks. The loss axes are logarithmic if asked for, where losses fall
/// to a third and are positive. Throws Error(bug) unless there is a fit, and a validation loss for each
/// validation step.
Picture losses_picture(std::span<const FitLosses> losses, const Paper& paper, bool logarithmic);

/// Predicted against counted rates of bins that were hidden, a value for each tenth of the bins.
struct FitCalibration {
  std::string fit;  ///< such as "region gc, all tastes"
  std::vector<double> predicted_hz;
  std::vector<double> counted_hz;
  std::vector<double> counted_standard_error_hz;  ///< may be NaN
};

/// A panel for each fit: dots with their standard errors, and the diagonal on which predictions are right,
/// on logarithmic axes. Rates of 0 or less are left out. Throws Error(bug) without fits, or where the three
/// values disagree in number.
Picture calibration_picture(const std::string& session, Paper paper, std::span<const FitCalibration> fits);

enum class Whose { published, network, other };

struct ScoredMethod {
  std::string name;
  double value = 0.0;  ///< NaN where there is none
  double error = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> parts = {};  ///< of each fold; NaN where there is none
  Whose whose = Whose::other;
};

/// One score of several methods, such as bits per spike.
struct ScoreGroup {
  std::string title;     ///< the score, with its unit
  std::string quantity;  ///< groups of one quantity share a scale
  std::vector<ScoredMethod> methods;
};

/// A row for each method with its value as a bar and in digits, best first, its standard error and its folds.
/// Throws Error(bug) without groups.
Picture scores_picture(const std::string& session, const Paper& paper, const std::vector<ScoreGroup>& groups);

/// Scores of each unit of a fit by the published rates and by the best simple method.
struct FitUnitScores {
  std::string fit;
  std::string simple_name;
  std::vector<std::string> units;
  std::vector<double> simple, published;  ///< (unit) bits per hidden spike; NaN for a unit without spikes
};

/// A panel for each fit with a dot for each unit. Throws Error(bug) without fits or where lengths disagree.
Picture unit_scores_picture(const std::string& session, Paper paper, std::span<const FitUnitScores> fits);

/// One score of each session of a dataset.
struct SessionScores {
  std::string title;
  std::vector<double> values;  ///< (session) NaN where there is none
};

/// A row for each session, a panel with dots for each score. Throws Error(bug) where lengths disagree.
Picture sessions_picture(const std::string& dataset, const Paper& paper,
                         const std::vector<std::string>& sessions, const std::vector<SessionScores>& scores);

}  // namespace rnn_rates::plot
