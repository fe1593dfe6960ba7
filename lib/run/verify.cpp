#include "run/verify.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <string>
#include <vector>

#include "artifact/pca_file.hpp"

namespace rnn_rates::run {
namespace {

std::vector<std::filesystem::path> files_of_kind(const SessionFolder& session, const artifact::Kind& kind) {
  if (kind.name == artifact::bins.name) return {session.bins()};
  if (kind.name == artifact::pca.name) return {session.pca()};
  if (kind.name == artifact::rates.name) return {session.rates()};
  std::vector<std::filesystem::path> models;
  const artifact::Opened pca = artifact::open(session.pca(), artifact::pca);
  for (const artifact::FitOutline& fit : artifact::read_outline(pca.file).fits) {
    for (const std::string& name : artifact::model_names(fit.name, fit.folds))
      models.push_back(session.model(name));
  }
  return models;
}

}  // namespace

SessionReport verify(Stage& stage, const Context& context, const SessionFolder& session) {
  SessionReport report;
  for (const artifact::Kind& kind : stage.touches()) {
    for (const auto& path : files_of_kind(session, kind)) {
      artifact::verify(path, kind);
      spdlog::info("{} is whole", path.string());
      report.outputs.push_back({path, OutputState::whole, artifact::open(path, kind).header.content_digest});
    }
  }
  stage.verify_more(context, session);
  return report;
}

}  // namespace rnn_rates::run
