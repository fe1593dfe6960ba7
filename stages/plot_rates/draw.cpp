#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <set>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/stop.hpp"
#include "plot_rates/figures.hpp"
#include "plot_rates/manifest.hpp"
#include "run/progress.hpp"

namespace rnn_rates::plot_rates {
namespace {

/// One file to make; `gnuplot` is the calling thread's.
struct Job {
  std::string file;
  std::size_t pictures = 1;
  std::function<void(plot::Gnuplot& gnuplot, const std::filesystem::path& target)> make;
};

std::vector<Job> jobs_of(const std::vector<Figure>& figures, const config::PlotRates& settings,
                         const std::string& made_from) {
  std::vector<Job> jobs;
  const auto file = [&](const std::string& name) {
    return fmt::format("{}.{}", name, word(settings.format));
  };
  for (const Figure& figure : figures) {
    if (!figure.pages.empty() && !settings.single_files) {
      jobs.push_back(
          {figure.file + ".pdf", figure.pages.size(), [&, made_from](auto& gnuplot, const auto& target) {
             gnuplot.draw_pages(figure.pages.size(), figure.make, target, {figure.description, made_from});
           }});
      continue;
    }
    const std::size_t pictures = std::max<std::size_t>(figure.pages.size(), 1);
    for (std::size_t page = 0; page < pictures; ++page) {
      jobs.push_back({file(figure.pages.empty() ? figure.file : figure.pages[page]), 1,
                      [&, page, made_from](auto& gnuplot, const auto& target) {
                        gnuplot.draw(figure.make(page), target, settings.format, {{}, made_from});
                      }});
    }
  }
  // The longest first, so that no thread is left with it at the end.
  std::stable_sort(jobs.begin(), jobs.end(),
                   [](const Job& a, const Job& b) { return a.pictures > b.pictures; });
  return jobs;
}

}  // namespace

Drawn draw(const run::Context& context, const config::PlotRates& settings, const std::vector<Figure>& figures,
           const std::string& made_from, const std::filesystem::path& plots,
           const std::map<std::string, std::string>& kept, const std::function<void()>& besides) {
  std::map<std::string, std::string> files;
  std::vector<Job> jobs = jobs_of(figures, settings, made_from);
  std::erase_if(jobs, [&](const Job& job) {
    const auto found = kept.find(job.file);
    return found != kept.end() && files.insert(*found).second;
  });
  std::size_t pictures = 0;
  std::set<std::filesystem::path> folders;
  create_folders_below(plots.parent_path(), plots);  // for the list of files, which may be short
  for (const Job& job : jobs) {
    const std::filesystem::path folder = (plots / job.file).parent_path();
    create_folders_below(plots.parent_path(), folder);
    if (folders.insert(folder).second) remove_leftovers(folder);
    pictures += job.pictures;
  }
  run::Progress progress("pictures", pictures, context.shows_own_progress());
  std::mutex mutex;
  std::size_t drawn = 0;
  bool besides_done = !besides;
  std::vector<std::unique_ptr<plot::Gnuplot>> idle;  // each serves one thread at a time
  const auto draw_job = [&](const Job& job) {
    std::unique_ptr<plot::Gnuplot> gnuplot;
    {
      const std::lock_guard lock(mutex);
      if (idle.empty()) idle.push_back(std::make_unique<plot::Gnuplot>(stop_token()));
      gnuplot = std::move(idle.back());
      idle.pop_back();
    }
    job.make(*gnuplot, plots / job.file);
    const std::string digest = digest_of_drawn(plots / job.file);
    const std::lock_guard lock(mutex);
    files[job.file] = digest;
    ++drawn;
    progress.add(job.pictures);
    idle.push_back(std::move(gnuplot));
  };
  // What a gnuplot that hung was at is left to the next run.
  const auto unless_it_hangs = [](const auto& work) {
    try {
      work();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::stopped) throw;
    }
  };
  parallel_for(jobs.size() + 1, context.threads(), [&](std::size_t i) {
    if (stop_requested()) return;
    unless_it_hangs([&] {
      if (i < jobs.size()) return draw_job(jobs[i]);
      if (besides) besides();
      besides_done = true;
    });
  });
  for (const auto& gnuplot : idle) {
    unless_it_hangs([&] {
      const std::string said = gnuplot->finish();
      if (!said.empty()) spdlog::warn("gnuplot said: {}", said);
    });
  }
  return {std::move(files), jobs.size() - drawn + (besides_done ? 0 : 1)};
}

}  // namespace rnn_rates::plot_rates
