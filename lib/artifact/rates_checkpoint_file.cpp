#include <fmt/format.h>

#include "artifact/checkpoint_file.hpp"
#include "artifact/fields.hpp"
#include "core/error.hpp"

namespace rnn_rates::artifact {
namespace {

const std::string methods_group = "/methods", gpfa_group = "/gpfa";

std::vector<std::string> children_if_any(const h5::File& file, const std::string& group) {
  return h5::exists(file, group) ? h5::children(file, group) : std::vector<std::string>();
}

template <class Io, class HeldOut>
void held_out_fields(const Io& io, HeldOut& held_out) {
  io("parts", held_out.parts, {"parts that were hidden so far", "", "1"});
  if (held_out.parts > 0)
    io("rate_hz", held_out.rate_hz, {"rates predicted while hidden", "trial unit bin", "Hz"});
}

template <class Io, class Fit>
void gpfa_fields(const Io& io, Fit& fit) {
  io("fold", fit.fold, {"fold that the fit leaves out", "", "1"});
  io("latents", fit.latents, {"latents asked for", "", "1"});
  io("units", fit.model.units, {"units that vary", "active", "1"});
  io("loadings", fit.model.loadings, {"loadings", "active latent", "1"});
  io("offset", fit.model.offset, {"mean root count", "active", "1"});
  io("noise_variance", fit.model.noise_variance, {"noise variance", "active", "1"});
  io("timescale_bins", fit.model.timescale_bins, {"timescales", "latent", "bins"});
  io("log_likelihood", fit.model.log_likelihood, {"log-likelihood", "", "1"});
  io("iterations", fit.model.iterations, {"iterations so far", "", "1"});
  io("converged", fit.model.converged, {"1 where the fit has converged", "", "1"});
}

template <class Io, class Prediction>
void prediction_fields(const Io& io, Prediction& predicted) {
  held_out_fields(Io{io.file, io.group + "/blocks"}, predicted.blocks);
  held_out_fields(Io{io.file, io.group + "/units"}, predicted.units);
  io.if_any("rate_hz", predicted.rate_hz, {"rates, nothing hidden", "trial unit bin", "Hz"});
  io.if_any("gain", predicted.gain, {"units' gains in them", "trial unit", "1"});
}

std::string numbered(const std::string& group, std::size_t index) {
  return fmt::format("{}/{:04}", group, index);
}

}  // namespace

void write_predictions(h5::File& file, const inference::Predictions& predictions) {
  for (const auto& [method, predicted] : predictions.methods)
    prediction_fields(Writer{file, methods_group + "/" + std::string(word(method))}, predicted);
  for (std::size_t i = 0; i < predictions.gpfa.size(); ++i)
    gpfa_fields(Writer{file, numbered(gpfa_group, i)}, predictions.gpfa[i]);
}

inference::Predictions read_predictions(const h5::File& file) {
  inference::Predictions predictions;
  for (const std::string& name : children_if_any(file, methods_group)) {
    const std::string group = methods_group + "/" + name;
    const auto method = choice_called<inference::Method>(name);
    if (!method) throw Error(ErrorKind::input, "{}: there is no such method", file.where(group));
    prediction_fields(Reader{file, group}, predictions.methods[*method]);
  }
  const std::size_t fits = children_if_any(file, gpfa_group).size();
  for (std::size_t i = 0; i < fits; ++i)
    gpfa_fields(Reader{file, numbered(gpfa_group, i)}, predictions.gpfa.emplace_back());
  return predictions;
}

}  // namespace rnn_rates::artifact
