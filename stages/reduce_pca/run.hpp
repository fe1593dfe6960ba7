#pragma once

#include "cli/stage.hpp"

namespace rnn_rates::reduce_pca {

/// Plans the session's fits, splits, scales and reduces each; publishes pca.h5.
cli::SessionReport run(const cli::Context& context, const cli::SessionFolder& session);

}  // namespace rnn_rates::reduce_pca
