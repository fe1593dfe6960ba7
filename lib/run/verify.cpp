#include <spdlog/spdlog.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "artifact/pca_file.hpp"
#include "run/stage.hpp"

namespace rnn_rates::run {
namespace {

struct File {
  std::filesystem::path path;
  std::optional<artifact::Subject> subject = {};  ///< of a model
};

std::vector<File> files_of_kind(const SessionFolder& session, const artifact::Kind& kind) {
  if (kind.name == artifact::bins.name) return {{session.bins()}};
  if (kind.name == artifact::pca.name) return {{session.pca()}};
  if (kind.name == artifact::rates.name) return {{session.rates()}};
  std::vector<File> models;
  const artifact::Opened pca = artifact::open(session.pca(), artifact::pca);
  for (const artifact::FitOutline& fit : artifact::read_outline(pca.file).fits) {
    for (const artifact::Subject& network : artifact::networks_of(session.id, fit.name, fit.folds))
      models.push_back({session.model(network.name()), network});
  }
  return models;
}

bool is_made_from(const artifact::Kind& kind, const artifact::Input& source) {
  if (kind.name == artifact::pca.name) return source.kind == artifact::bins.name;
  if (kind.name == artifact::model.name) return source.kind == artifact::pca.name;
  return kind.name == artifact::rates.name;
}

}  // namespace

SessionReport verify(Stage& stage, const Context& context, const SessionFolder& session) {
  SessionReport report;
  std::vector<artifact::Input> whole;
  for (const artifact::Kind& kind : stage.touches()) {
    for (const File& file : files_of_kind(session, kind)) {
      const artifact::Opened opened = artifact::open_whole(file.path, kind);
      artifact::check_subject(opened, kind, {.inputs = {}, .subject = file.subject});
      for (const artifact::Input& source : whole) {
        if (is_made_from(kind, source)) artifact::check_made_from(opened, kind, source);
      }
      whole.push_back(opened.as_input(kind));
      spdlog::info("{} is whole", file.path.string());
      report.outputs.push_back({file.path, OutputState::whole, opened.header.content_digest});
    }
  }
  stage.verify_more(context, session);
  return report;
}

}  // namespace rnn_rates::run
