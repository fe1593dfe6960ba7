#include "train_rnn/open_sessions.hpp"

#include "artifact/bins_file.hpp"
#include "artifact/pca_file.hpp"
#include "core/atomic_file.hpp"

namespace rnn_rates::train_rnn {

OpenSessions::Use OpenSessions::use(const run::Context& context, NetworkKind network,
                                    const run::SessionFolder& folder) {
  Entry& entry = enter(folder.out);
  Use now(&entry.session, [this, &entry, closes = context.options.wait](const OpenSession*) {
    const std::lock_guard lock(mutex_);
    --entry.users;
    if (closes) close_unused();
  });
  const std::lock_guard lock(entry.opening);
  if (!entry.ready) open(context, network, folder, entry);
  return now;
}

OpenSessions::Entry& OpenSessions::enter(const std::filesystem::path& folder) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[folder];
  ++entry.users;
  close_unused();
  return entry;
}

void OpenSessions::close_unused() {
  std::erase_if(entries_, [](const auto& each) { return each.second.users == 0; });
}

void OpenSessions::open(const run::Context& context, NetworkKind network, const run::SessionFolder& folder,
                        Entry& entry) {
  OpenSession& session = entry.session;
  if (!session.lock) session.lock = run::lock(context, folder);
  const std::lock_guard lock(hdf5_mutex_);
  const artifact::Opened input = artifact::open(folder.pca(), artifact::pca);
  session.provenance = context.provenance();
  session.provenance.inputs = {input.as_input(artifact::pca)};
  inference::ReducedSession reduced = artifact::read(input, artifact::pca, artifact::read_pca);
  artifact::SessionBins counted;
  if (network == NetworkKind::masked_gru) {
    const artifact::Opened bins = artifact::open(folder.bins(), artifact::bins);
    artifact::check_made_from(input, artifact::pca, bins.as_input(artifact::bins));
    counted = artifact::read(bins, artifact::bins, artifact::read_bins);
  }
  const neural::BinGrid grid = neural::grid_of_edges(reduced.bin_edges_ms, reduced.stim_ms);
  for (inference::ReducedFit& fit : reduced.fits)
    session.fits.push_back(inference::make_fit_data(std::move(fit), grid, counted.counts, counted.observed));
  create_folders_below(folder.out, folder.models());
  entry.ready = true;
}

}  // namespace rnn_rates::train_rnn
