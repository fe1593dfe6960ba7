#include "rnn/torch_plugin.hpp"

#include <dlfcn.h>

#include <filesystem>
#include <string>

#include "core/error.hpp"

namespace rnn_rates::rnn {
namespace {

namespace fs = std::filesystem;

template <class Arguments>
using MakeEngine = Engine* (*)(const Arguments*);

const std::string library = "librnn_rates_torch.so";

void* find(const char* function) {
  if (!RNN_RATES_WITH_TORCH) {
    throw Error(
        ErrorKind::usage,
        "this program was built without the LibTorch engine (RNN_RATES_WITH_TORCH=OFF): use --engine fused");
  }
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  const fs::path beside = folder / library;
  const fs::path path = fs::exists(beside) ? beside : folder.parent_path() / "lib" / "rnn-rates" / library;
  // Never closed: LibTorch's threads live on.
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const symbol = handle != nullptr ? dlsym(handle, function) : nullptr;
  if (symbol == nullptr) {
    throw Error(
        ErrorKind::runtime,
        "the LibTorch engine cannot be loaded: {}. Install it beside the programs, or use --engine fused.",
        dlerror());
  }
  return symbol;
}

}  // namespace

std::unique_ptr<Engine> load_torch_engine(const AutoencoderArguments& arguments) {
  static const auto make =
      reinterpret_cast<MakeEngine<AutoencoderArguments>>(find("rnn_rates_make_torch_engine"));
  return std::unique_ptr<Engine>(make(&arguments));
}

std::unique_ptr<Engine> load_torch_engine(const GruArguments& arguments) {
  static const auto make =
      reinterpret_cast<MakeEngine<GruArguments>>(find("rnn_rates_make_torch_gru_engine"));
  return std::unique_ptr<Engine>(make(&arguments));
}

int torch_cuda_device_count() {
  static const auto count = reinterpret_cast<int (*)()>(find("rnn_rates_cuda_device_count"));
  return count();
}

}  // namespace rnn_rates::rnn
