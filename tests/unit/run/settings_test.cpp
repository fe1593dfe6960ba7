#include <doctest/doctest.h>

#include "run/stage.hpp"

using namespace rnn_rates;

namespace {

template <class Given>
concept opens_all = requires(Given given) {
  given.all_;
};
static_assert(!opens_all<run::Settings>);

class SomeStage final : public run::StageOf<config::TrainRnn, run::SessionStage> {
 public:
  std::vector<artifact::Kind> touches() const override { return {}; }
  run::SessionReport run(const run::Context& context, const run::SessionFolder&, const mpi::Group&) override {
    hidden_size = settings_of(context).model.hidden_size;
    return {};
  }
  std::int64_t hidden_size = 0;
};

}  // namespace

TEST_CASE("a stage gets the settings of its own struct, whose name is its own") {
  config::Config config;
  config.train_rnn.model.hidden_size = 7;
  config.execution.device = "cuda";
  run::Context context;
  context.settings = run::Settings(config);
  SomeStage stage;
  CHECK(stage.name() == "train_rnn");
  stage.run(context, {}, {});
  CHECK(stage.hidden_size == 7);
  CHECK(context.settings.execution().device == "cuda");
  CHECK(context.settings.canonical_text(stage.name()) == config::canonical_text(config, "train_rnn"));
}
