#include "plot_rates/draw.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/stop.hpp"
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

std::vector<Job> jobs_of(const std::vector<Figure>& figures, const DrawSettings& settings) {
  std::vector<Job> jobs;
  const auto file = [&](const std::string& name) {
    return fmt::format("{}.{}", name, word(settings.format));
  };
  for (const Figure& figure : figures) {
    if (!figure.pages.empty() && !settings.single_files) {
      jobs.push_back({figure.file + ".pdf", figure.pages.size(), [&](auto& gnuplot, const auto& target) {
                        gnuplot.draw_pages(figure.pages.size(), figure.make, target);
                      }});
      continue;
    }
    const std::size_t pictures = std::max<std::size_t>(figure.pages.size(), 1);
    for (std::size_t page = 0; page < pictures; ++page) {
      jobs.push_back({file(figure.pages.empty() ? figure.file : figure.pages[page]), 1,
                      [&, page](auto& gnuplot, const auto& target) {
                        gnuplot.draw(figure.make(page), target, settings.format);
                      }});
    }
  }
  // The longest first, so that no thread is left with it at the end.
  std::stable_sort(jobs.begin(), jobs.end(),
                   [](const Job& a, const Job& b) { return a.pictures > b.pictures; });
  return jobs;
}

}  // namespace

Drawn draw(const std::vector<Figure>& figures, const std::filesystem::path& plots,
           const DrawSettings& settings, const std::map<std::string, std::string>& kept,
           const std::function<void()>& besides) {
  std::map<std::string, std::string> files;
  std::vector<Job> jobs = jobs_of(figures, settings);
  std::erase_if(jobs, [&](const Job& job) {
    const auto found = kept.find(job.file);
    return found != kept.end() && files.insert(*found).second;
  });
  std::size_t pictures = 0;
  std::set<std::filesystem::path> folders;
  for (const Job& job : jobs) {
    const std::filesystem::path folder = (plots / job.file).parent_path();
    create_folders_below(plots.parent_path(), folder);
    if (folders.insert(folder).second) remove_leftovers(folder);
    pictures += job.pictures;
  }
  run::Progress progress("pictures", pictures, settings.show_progress);
  std::atomic<std::size_t> next{0}, drawn{0};
  std::atomic<bool> besides_taken{!besides};
  std::mutex mutex;
  const std::size_t threads =
      std::clamp<std::size_t>(settings.threads, 1, std::max<std::size_t>(jobs.size(), 1));
  const auto work = [&] {
    plot::Gnuplot gnuplot(png_pixel_ratio, stop_token());
    for (std::size_t i = next++; i < jobs.size() && !stop_requested(); i = next++) {
      jobs[i].make(gnuplot, plots / jobs[i].file);
      const std::string digest = digest_of_drawn(plots / jobs[i].file);
      const std::lock_guard lock(mutex);
      files[jobs[i].file] = digest;
      ++drawn;
      progress.add(jobs[i].pictures);
    }
    if (!stop_requested() && !besides_taken.exchange(true)) besides();
    const std::string said = gnuplot.finish();
    if (!said.empty()) spdlog::warn("gnuplot said: {}", said);
  };
  parallel_for(threads, threads, [&](std::size_t) {
    try {
      work();
    } catch (const Error& error) {
      // What a gnuplot that hung was at is left to the next run.
      if (error.kind() != ErrorKind::stopped) throw;
    }
  });
  return {std::move(files), jobs.size() - drawn + (besides_taken ? 0 : 1)};
}

}  // namespace rnn_rates::plot_rates
