#include "run/outputs.hpp"

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "core/atomic_file.hpp"
#include "run/places.hpp"

namespace rnn_rates::run {

std::unique_ptr<FolderLock> lock(const Context& context, const SessionFolder& session) {
  const std::vector<std::filesystem::path> inputs = possible_inputs(session);
  check_no_output_is(inputs, session);
  std::error_code unseen;
  const bool source_or_results =
      std::filesystem::exists(session.source, unseen) || std::filesystem::exists(session.out, unseen);
  if (context.options.dry_run || !source_or_results) return nullptr;
  auto lock = std::make_unique<FolderLock>(session.out, context.job, context.options.wait);
  for (const auto& folder : {session.out, session.models(), session.plots()}) {
    remove_leftovers(folder);
  }
  // Those of a killed infer_write --publish lie beside the recording.
  for (const std::filesystem::path& input : inputs) {
    if (input.extension() == ".h5") remove_leftovers_of(std::filesystem::weakly_canonical(input, unseen));
  }
  return lock;
}

OutputState look_at(const Context& context, const std::filesystem::path& path, const artifact::Kind& kind,
                    const artifact::Provenance& provenance, SessionReport& report,
                    const std::function<void(const artifact::Opened&)>& look,
                    const std::function<bool(const artifact::Opened&)>& is_enough) {
  const auto there = artifact::open_up_to_date(path, kind, provenance, context.options.force);
  if (there && (!is_enough || is_enough(*there))) {
    spdlog::info("{} is up to date", path.string());
    report.outputs.push_back({path, OutputState::up_to_date, there->header.content_digest});
    if (look) look(*there);
    return OutputState::up_to_date;
  }
  if (context.options.dry_run) {
    spdlog::info("{} would be computed", path.string());
    report.outputs.push_back({path, OutputState::to_do});
  }
  return OutputState::to_do;
}

bool needs_computing(const Context& context, const std::filesystem::path& path, const artifact::Kind& kind,
                     const artifact::Provenance& provenance, SessionReport& report,
                     const std::function<void(const artifact::Opened&)>& look,
                     const std::function<bool(const artifact::Opened&)>& is_enough) {
  return look_at(context, path, kind, provenance, report, look, is_enough) == OutputState::to_do &&
         !context.options.dry_run;
}

void publish(const std::filesystem::path& path, const artifact::Kind& kind,
             const artifact::Provenance& provenance, SessionReport& report,
             const std::function<void(h5::File&)>& fill) {
  report.outputs.push_back({path, OutputState::computed, artifact::publish(path, kind, provenance, fill)});
  spdlog::info("{} written", path.string());
}

artifact::Opened open_model(const SessionFolder& session, const artifact::Subject& network,
                            const artifact::Opened& pca) {
  artifact::Opened model = artifact::open(session.model(network.name()), artifact::model);
  const artifact::Input made_from = pca.as_input(artifact::pca);
  artifact::check_subject(model, artifact::model, {.inputs = {made_from}, .subject = network});
  artifact::check_made_from(model, artifact::model, made_from);
  return model;
}

void use_checkpoint(const Context& context, const std::filesystem::path& path, const artifact::Kind& kind,
                    const artifact::Provenance& provenance,
                    const std::function<void(const artifact::Opened&)>& load) {
  std::error_code unseen;
  if (context.options.force || !std::filesystem::exists(path, unseen)) return;
  std::optional<artifact::Opened> opened;
  const auto start_over = [](const Error& error) {
    if (error.kind() == ErrorKind::stopped) throw error;
    spdlog::warn("{} The work starts over.", error.what());
  };
  try {
    opened = artifact::open(path, kind);
  } catch (const Error& error) {
    return start_over(error);
  }
  artifact::check_subject(*opened, kind, provenance);
  if (opened->header.depends_digest != artifact::depends_digest(kind, provenance)) {
    spdlog::info("{} was made with other settings or inputs; the work starts over", path.string());
    return;
  }
  try {
    load(*opened);
  } catch (const Error& error) {
    start_over(error);
  }
}

void warn_of_other_settings(const Context& context, const artifact::Opened& input,
                            const artifact::Kind& kind) {
  const std::string now = context.settings.digest_text(kind.stage);
  if (now == input.header.config_text) return;
  std::istringstream made_with(input.header.config_text);
  std::vector<std::string> differing;
  for (std::string line; std::getline(made_with, line);) {
    if (now.find(line + "\n") == std::string::npos) differing.push_back(line);
  }
  spdlog::warn("{} was made with other settings ({}) and is used as it is. To change it, run {} again.",
               input.file.path().string(), fmt::join(differing, ", "), kind.stage);
}

}  // namespace rnn_rates::run
