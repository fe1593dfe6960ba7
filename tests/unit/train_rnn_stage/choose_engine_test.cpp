#include "train_rnn/choose_engine.hpp"

#include <doctest/doctest.h>

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
