#pragma once

#include <functional>
#include <memory>

#include "core/folder_lock.hpp"
#include "run/context.hpp"
#include "run/outcome.hpp"

namespace rnn_rates::run {

/// Keeps other jobs out of the session's folder and clears away what killed runs left there. Null in a dry
/// run and where the stage will find no input. Throws as FolderLock does.
std::unique_ptr<FolderLock> lock(const Context& context, const SessionFolder& session);

/// Whether `path` is up to date or to do. Says so and adds it to `report`, what is to do only in a dry run,
/// as it will be computed otherwise. `look` gets the artifact that is up to date; one of which `is_enough` is
/// false is to do.
OutputState look_at(const Context& context, const std::filesystem::path& path, const artifact::Kind& kind,
                    const artifact::Provenance& provenance, SessionReport& report,
                    const std::function<void(const artifact::Opened&)>& look = {},
                    const std::function<bool(const artifact::Opened&)>& is_enough = {});

/// look_at(); true where `path` has to be computed now.
bool needs_computing(const Context& context, const std::filesystem::path& path, const artifact::Kind& kind,
                     const artifact::Provenance& provenance, SessionReport& report,
                     const std::function<void(const artifact::Opened&)>& look = {},
                     const std::function<bool(const artifact::Opened&)>& is_enough = {});

/// Publishes what `fill` writes as `path`, says so and adds it to `report`.
void publish(const std::filesystem::path& path, const artifact::Kind& kind,
             const artifact::Provenance& provenance, SessionReport& report,
             const std::function<void(h5::File&)>& fill);

/// The model of a network of the session, whose pca.h5 is `pca`. Throws Error(input) where it is not there,
/// or was made for something else.
artifact::Opened open_model(const SessionFolder& session, const artifact::Subject& network,
                            const artifact::Opened& pca);

/// Calls `load` with the checkpoint `path` where there is one of the present settings and inputs; says so
/// where it cannot be used, also because `load` throws. Not with --force. Throws Error(input) for one that
/// belongs to something else than `provenance.subject`.
void use_checkpoint(const Context& context, const std::filesystem::path& path, const artifact::Kind& kind,
                    const artifact::Provenance& provenance,
                    const std::function<void(const artifact::Opened&)>& load);

/// Warns where `input` was made with other settings than the ones in force now, key by key.
void warn_of_other_settings(const Context& context, const artifact::Opened& input,
                            const artifact::Kind& kind);

}  // namespace rnn_rates::run
