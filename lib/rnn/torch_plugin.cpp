#include "rnn/torch_plugin.hpp"

#include <dlfcn.h>

#include <filesystem>
#include <string>

#include "core/error.hpp"

namespace rnn_rates::rnn {
namespace {

namespace fs = std::filesystem;

using MakeEngine = Engine* (*)(const TorchEngineArguments*);

const std::string library = "librnn_rates_torch.so";

MakeEngine load() {
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  const fs::path beside = folder / library;
  const fs::path path = fs::exists(beside) ? beside : folder.parent_path() / "lib" / "rnn-rates" / library;
  // Never closed: LibTorch's threads live on.
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const symbol = handle != nullptr ? dlsym(handle, "rnn_rates_make_torch_engine") : nullptr;
  if (symbol == nullptr) {
    throw Error(
        ErrorKind::runtime,
        "the LibTorch engine cannot be loaded: {}. Install it beside the programs, or use --engine fused.",
        dlerror());
  }
  return reinterpret_cast<MakeEngine>(symbol);
}

}  // namespace

std::unique_ptr<Engine> load_torch_engine(const TorchEngineArguments& arguments) {
  static const MakeEngine make = load();
  return std::unique_ptr<Engine>(make(&arguments));
}

}  // namespace rnn_rates::rnn
