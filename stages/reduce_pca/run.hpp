#pragma once

#include "run/stage.hpp"

namespace rnn_rates::reduce_pca {

/// Plans the session's fits, splits, scales and reduces each; publishes pca.h5.
run::SessionReport run(const run::Context& context, const run::SessionFolder& session);

}  // namespace rnn_rates::reduce_pca
