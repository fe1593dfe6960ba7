#include "artifact/artifact.hpp"
#include "artifact/bins_file.hpp"
#include "artifact/checkpoint_file.hpp"
#include "artifact/model_file.hpp"
#include "artifact/pca_file.hpp"
#include "artifact/rates_file.hpp"
#include "fuzz/input_file.hpp"
#include "h5/handle.hpp"

using namespace rnn_rates;

/// The input is a file of any kind. It is opened as what the stages take it for, and then read without asking
/// for its digest, which hardly any change of it would get past.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Folder folder;
  const auto path = folder.write("artifact.h5", fuzz::as_text(data, size));
  for (const artifact::Kind& kind : {artifact::bins, artifact::pca, artifact::model, artifact::checkpoint,
                                     artifact::rates_checkpoint, artifact::rates_part, artifact::rates}) {
    fuzz::refuse_or_read([&] { artifact::open_whole(path, kind); });
    artifact::try_open(path, kind);
  }
  const auto read = [&](auto&& reader) {
    fuzz::refuse_or_read([&] {
      const h5::File file = h5::File::open_read(path);
      h5::reading([&] { return reader(file); });
    });
  };
  read(artifact::read_bins);
  read(artifact::read_pca);
  read(artifact::read_outline);
  read(artifact::read_model);
  read(artifact::read_checkpoint);
  read(artifact::read_predictions);
  read(artifact::read_rates);
  read(artifact::read_metrics);
  read(artifact::read_score_tables);
  return 0;
}
