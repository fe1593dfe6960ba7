#include "train_rnn/choose_engine.hpp"

#include <doctest/doctest.h>

#include "support/expect_error.hpp"

using namespace rnn_rates;
using rnn_rates::train_rnn::device_of_rank;

TEST_CASE("ranks on a node take its devices in turn") {
  CHECK(device_of_rank("cuda", 0, 4) == "cuda:0");
  CHECK(device_of_rank("cuda", 3, 4) == "cuda:3");
  CHECK(device_of_rank("cuda", 4, 4) == "cuda:0");
  CHECK(device_of_rank("cuda", 5, 2) == "cuda:1");
  CHECK(device_of_rank("cuda", 7, 1) == "cuda:0");
}

TEST_CASE("a device that was named, the CPU and a device that is not there stay as they are") {
  CHECK(device_of_rank("cuda:2", 1, 4) == "cuda:2");
  CHECK(device_of_rank("cpu", 1, 4) == "cpu");
  CHECK(device_of_rank("cuda", 1, 0) == "cuda");
}

namespace {

const std::vector<std::string> all_isas = {"x86-64-v4", "x86-64-v3", "x86-64-v2"};

std::string isa_to_continue(const std::string& made_on, const std::string& chosen, Isa wanted,
                            const std::vector<std::string>& usable = all_isas) {
  const artifact::FitCheckpoint checkpoint{
      .engine = EngineKind::fused, .isa = made_on, .progress = {.current = {.step = 30}}};
  return train_rnn::engine_to_continue(checkpoint, {EngineKind::fused, chosen}, wanted, usable).isa;
}

}  // namespace

TEST_CASE("a checkpoint of the other engine is refused, naming the way on") {
  const artifact::FitCheckpoint checkpoint{
      .engine = EngineKind::fused, .isa = "x86-64-v3", .progress = {.current = {.step = 30}}};
  test::expect_error(ErrorKind::input, {"engine fused", "--engine fused", "--force"}, [&] {
    train_rnn::engine_to_continue(checkpoint, {EngineKind::libtorch, ""}, Isa::automatic, all_isas);
  });
}

TEST_CASE("a training continues with the arithmetic that it began with") {
  CHECK(isa_to_continue("x86-64-v3", "x86-64-v4", Isa::automatic) == "x86-64-v4");
  CHECK(isa_to_continue("x86-64-v4", "x86-64-v3", Isa::v3) == "x86-64-v3");
  CHECK(isa_to_continue("x86-64-v2", "x86-64-v4", Isa::automatic) == "x86-64-v2");
  CHECK(isa_to_continue("x86-64-v2", "x86-64-v2", Isa::v2) == "x86-64-v2");
}

TEST_CASE("a checkpoint of an instruction set that cannot be continued on is refused with advice") {
  test::expect_error(ErrorKind::input,
                     {"after step 30", "x86-64-v2", "train.isa asks for x86-64-v4",
                      "--set train.isa=x86-64-v2", "Nothing is lost", "--force"},
                     [] { isa_to_continue("x86-64-v2", "x86-64-v4", Isa::v4); });
  test::expect_error(
      ErrorKind::input,
      {"x86-64-v3", "this machine lacks (x86-64-v2)", "--set train.isa=x86-64-v3 on a machine", "--force"},
      [] { isa_to_continue("x86-64-v3", "x86-64-v2", Isa::automatic, {"x86-64-v2"}); });
}

TEST_CASE("train.isa chooses the instruction set") {
  config::Execution execution;
  CHECK_FALSE(train_rnn::choose_engine(execution).isa.empty());
  execution.isa = Isa::v2;
  CHECK(train_rnn::choose_engine(execution).isa == "x86-64-v2");
}
