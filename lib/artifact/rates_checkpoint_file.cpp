#include "artifact/rates_checkpoint_file.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "h5/dataset.hpp"

namespace rnn_rates::artifact {
namespace {

const std::string methods_group = "/methods", gpfa_group = "/gpfa";

std::vector<std::string> children_if_any(const h5::File& file, const std::string& group) {
  return h5::exists(file, group) ? h5::children(file, group) : std::vector<std::string>();
}

void write_held_out(h5::File& file, const std::string& group, const neural::HeldOutRates& held_out) {
  h5::write_scalar(file, group + "/parts", held_out.parts, {"parts that were hidden so far", "", "1"});
  if (held_out.parts == 0) return;
  h5::write_array(file, group + "/rate_hz", held_out.rate_hz,
                  {"rates predicted while hidden", "trial unit bin", "Hz"});
}

neural::HeldOutRates read_held_out(const h5::File& file, const std::string& group) {
  neural::HeldOutRates held_out{.rate_hz = {},
                                .parts = h5::read_scalar<std::uint32_t>(file, group + "/parts")};
  if (held_out.parts > 0) held_out.rate_hz = h5::read_array<float, 3>(file, group + "/rate_hz");
  return held_out;
}

void write_gpfa(h5::File& file, const std::string& group, const neural::GpfaFit& fit) {
  const neural::Gpfa& model = fit.model;
  h5::write_scalar(file, group + "/fold", fit.fold, {"fold that the fit leaves out", "", "1"});
  h5::write_scalar(file, group + "/latents", fit.latents, {"latents asked for", "", "1"});
  h5::write_vector<std::uint32_t>(file, group + "/units", model.units, {"units that vary", "active", "1"});
  h5::write_array(file, group + "/loadings", model.loadings, {"loadings", "active latent", "1"});
  h5::write_vector<double>(file, group + "/offset", model.offset, {"mean root count", "active", "1"});
  h5::write_vector<double>(file, group + "/noise_variance", model.noise_variance,
                           {"noise variance", "active", "1"});
  h5::write_vector<double>(file, group + "/timescale_bins", model.timescale_bins,
                           {"timescales", "latent", "bins"});
  h5::write_scalar(file, group + "/log_likelihood", model.log_likelihood, {"log-likelihood", "", "1"});
  h5::write_scalar(file, group + "/iterations", model.iterations, {"iterations so far", "", "1"});
  h5::write_scalar(file, group + "/converged", static_cast<std::uint8_t>(model.converged),
                   {"1 where the fit has converged", "", "1"});
}

neural::GpfaFit read_gpfa(const h5::File& file, const std::string& group) {
  return {.fold = h5::read_scalar<std::uint32_t>(file, group + "/fold"),
          .latents = h5::read_scalar<std::uint32_t>(file, group + "/latents"),
          .model = {.units = h5::read_vector<std::uint32_t>(file, group + "/units"),
                    .loadings = h5::read_array<double, 2>(file, group + "/loadings"),
                    .offset = h5::read_vector<double>(file, group + "/offset"),
                    .noise_variance = h5::read_vector<double>(file, group + "/noise_variance"),
                    .timescale_bins = h5::read_vector<double>(file, group + "/timescale_bins"),
                    .log_likelihood = h5::read_scalar<double>(file, group + "/log_likelihood"),
                    .iterations = h5::read_scalar<std::uint32_t>(file, group + "/iterations"),
                    .converged = h5::read_scalar<std::uint8_t>(file, group + "/converged") != 0}};
}

std::string numbered(const std::string& group, std::size_t index) {
  return fmt::format("{}/{:04}", group, index);
}

}  // namespace

void write_predictions(h5::File& file, const inference::Predictions& predictions) {
  for (const auto& [method, predicted] : predictions.methods) {
    const std::string group = methods_group + "/" + std::string(word(method));
    write_held_out(file, group + "/blocks", predicted.blocks);
    write_held_out(file, group + "/units", predicted.units);
    if (predicted.rate_hz.size() == 0) continue;
    h5::write_array(file, group + "/rate_hz", predicted.rate_hz,
                    {"rates, nothing hidden", "trial unit bin", "Hz"});
  }
  for (std::size_t i = 0; i < predictions.gpfa.size(); ++i)
    write_gpfa(file, numbered(gpfa_group, i), predictions.gpfa[i]);
}

inference::Predictions read_predictions(const h5::File& file) {
  inference::Predictions predictions;
  for (const std::string& name : children_if_any(file, methods_group)) {
    const std::string group = methods_group + "/" + name;
    const auto method = choice_called<inference::Method>(name);
    if (!method) throw Error(ErrorKind::input, "{}: there is no such method", file.where(group));
    inference::Prediction& predicted = predictions.methods[*method];
    predicted.blocks = read_held_out(file, group + "/blocks");
    predicted.units = read_held_out(file, group + "/units");
    if (h5::exists(file, group + "/rate_hz"))
      predicted.rate_hz = h5::read_array<float, 3>(file, group + "/rate_hz");
  }
  const std::size_t fits = children_if_any(file, gpfa_group).size();
  for (std::size_t i = 0; i < fits; ++i) predictions.gpfa.push_back(read_gpfa(file, numbered(gpfa_group, i)));
  return predictions;
}

}  // namespace rnn_rates::artifact
