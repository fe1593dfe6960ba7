#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plot/paper.hpp"
#include "run/stage.hpp"

namespace rnn_rates::plot_rates {

struct Options {
  std::string compare;  ///< another folder of results to compare with; may be empty
  std::string figure;   ///< the only one to draw, beside what is there; empty: all that the settings select
  std::optional<plot::Paper> print;  ///< a figure for print, on this paper, into plots/print/
};

/// "85mm", "8.5cm" or "3.35in" in mm. Throws Error(usage).
double parse_width_mm(const std::string& text);

/// Draws sessions' figures into plots/, writes the page report.html of each and lists both in
/// plots/manifest.json; files of an earlier run that this one does not make are removed. With Options::figure
/// it draws that one only and leaves the rest.
class Stage final : public run::StageOf<config::PlotRates, run::SessionStage> {
 public:
  explicit Stage(const Options& options) : options_(options) {}
  std::vector<artifact::Kind> touches() const override {
    return {artifact::bins, artifact::model, artifact::rates};
  }
  run::SessionReport run(const run::Context& context, const run::SessionFolder& session,
                         const mpi::Group& group) override;
  /// Throws Error(input) where a file that the manifest lists is missing or is not the one that was made.
  void verify_more(const run::Context& context, const run::SessionFolder& session) override;
  /// Writes the page of the data set and, if asked for, the one that compares it with another run.
  void after_sessions(const run::Context& context) override;

 private:
  const Options& options_;
};

}  // namespace rnn_rates::plot_rates
