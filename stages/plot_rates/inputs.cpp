#include "artifact/pca_file.hpp"
#include "plot_rates/gather.hpp"

namespace rnn_rates::plot_rates {

Inputs open_inputs(const run::SessionFolder& session) {
  Inputs inputs{artifact::open(session.bins(), artifact::bins),
                artifact::open(session.rates(), artifact::rates),
                {},
                {}};
  artifact::check_made_from(inputs.rates, artifact::rates, inputs.bins.as_input(artifact::bins));
  for (const artifact::FitFolds& fit : h5::reading([&] { return artifact::rates_fits(inputs.rates.file); })) {
    for (const artifact::Subject& network : artifact::networks_of(session.id, fit.name, fit.folds)) {
      inputs.models.push_back({fit.name, artifact::open(session.model(network.name()), artifact::model)});
      const artifact::Opened& model = inputs.models.back().file;
      artifact::check_subject(model, artifact::model, {.inputs = {}, .subject = network});
      artifact::check_made_from(inputs.rates, artifact::rates, model.as_input(artifact::model));
    }
  }
  return inputs;
}

std::string depends_digest(const run::Context& context, const Inputs& inputs) {
  artifact::Provenance provenance = context.provenance();
  provenance.inputs = {inputs.bins.as_input(artifact::bins), inputs.rates.as_input(artifact::rates)};
  for (const Model& model : inputs.models) provenance.inputs.push_back(model.file.as_input(artifact::model));
  // Pictures are not HDF5; their manifest takes the place of an artifact's header.
  return artifact::depends_digest({"plots", "plot_rates", 1, 1}, provenance);
}

}  // namespace rnn_rates::plot_rates
