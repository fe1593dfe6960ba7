#include "plot/gnuplot.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <optional>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/limits.hpp"
#include "core/stop_token.hpp"
#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

/// Descriptor of the script in gnuplot, after its three standard ones.
constexpr int script_in_gnuplot = 3;

/// Starts gnuplot with these descriptors; returns 0 or the reason why it cannot be started.
int spawn_gnuplot(pid_t& process, const posix_spawn_file_actions_t& actions) {
  // A stop request goes to all processes of a terminal or job: gnuplot is to outlive it, to draw the picture
  // at hand to its end. It ends with its input.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  for (const int signal_number : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&stop_signals, signal_number);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &stop_signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  // Our environment with a locale that has UTF-8 and decimal points; gnuplot warns of others.
  std::string program = "gnuplot", default_settings = "-d", locale = "LC_ALL=C.UTF-8";
  const std::array<char*, 3> arguments{program.data(), default_settings.data(), nullptr};
  std::vector<char*> variables{locale.data()};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!std::string_view(*variable).starts_with("LC_ALL=")) variables.push_back(*variable);
  }
  variables.push_back(nullptr);
  const int failure =
      ::posix_spawnp(&process, program.c_str(), &actions, &attributes, arguments.data(), variables.data());
  posix_spawnattr_destroy(&attributes);
  return failure;
}

/// gnuplot's terminal for one picture; fontscale, linewidth and pointscale make a px the same share of it in
/// all formats.
std::string terminal_command(Format format, const Picture& picture) {
  const double width_px = picture.width_px(), height_px = picture.height_px();
  const double scale = picture.paper().scale();
  switch (format) {
    case Format::svg:  // finished() gives it its size on paper
      return fmt::format(
          "set terminal svg noenhanced size {},{} font 'sans-serif,12' background rgb 'white'\n", width_px,
          height_px);
    case Format::pdf:
      return fmt::format(
          "set terminal pdfcairo noenhanced size {}in,{}in font 'sans-serif,12' fontscale {} linewidth {} "
          "pointscale {} dashlength 2.5 background rgb 'white'\n",
          width_px * scale / 96.0, height_px * scale / 96.0, 0.5625 * scale, 1.5 * scale, scale);
    case Format::png:
      break;
  }
  // cairo draws no larger image, as a figure with a row for each of a thousand sessions would be.
  constexpr double most_px = 32767.0;
  const double ratio =
      std::min(scale * picture.paper().png_dpi / 96.0, most_px / std::max(width_px, height_px));
  return fmt::format(
      "set terminal pngcairo noenhanced size {:.0f},{:.0f} font 'sans-serif,12' fontscale {} "
      "linewidth {} dashlength 2.5 pointscale {} background rgb 'white'\n",
      width_px * ratio, height_px * ratio, 0.75 * ratio, ratio, ratio);
}

/// Whether the file ends as a file of this format does: gnuplot does not notice a full disk.
bool is_whole(const std::filesystem::path& file, Format format) {
  constexpr std::streamoff tail_size = 16;
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  if (!stream || stream.tellg() < tail_size) return false;
  std::string tail(tail_size, '\0');
  stream.seekg(-tail_size, std::ios::end).read(tail.data(), tail_size);
  constexpr std::array<std::string_view, 3> endings{"IEND", "</svg>", "%%EOF"};
  return stream && tail.find(endings[static_cast<std::size_t>(format)]) != std::string::npos;
}

std::string output_commands(const AtomicFile& file, Format format, const Picture& picture) {
  const std::string output = std::filesystem::absolute(file.temporary()).string();
  return terminal_command(format, picture) + "set encoding utf8\nset output " + gnuplot_literal(output) +
         "\n";
}

[[noreturn]] void throw_not_whole(const std::filesystem::path& target) {
  check_folder_of(target);
  throw Error(
      ErrorKind::output,
      "{}: the figure was not written whole: is the disk full, or may no file be as large (ulimit -f)?",
      target.string());
}

/// Checks that gnuplot has drawn the file to its end, and adds what it says of itself.
void finish_file(AtomicFile& file, Format format, const Paper& paper, const FileNotes& notes) {
  const std::filesystem::path& path = file.temporary();
  const std::optional<std::string> drawn = is_whole(path, format) ? read_file(path) : std::nullopt;
  if (!drawn) throw_not_whole(file.target());
  const std::string all = finished(*drawn, format, paper, notes);
  file.write(all);
  std::error_code failed;
  std::filesystem::resize_file(path, all.size(), failed);
  if (failed) throw_not_whole(file.target());
}

}  // namespace

Gnuplot::Gnuplot(std::stop_token stop) : stop_(std::move(stop)) {
  // A socket, since writing to it can be told not to raise SIGPIPE. A file for the script, since gnuplot
  // reads its input byte by byte, and one for stderr, since nobody reads that while pictures are drawn.
  std::array<int, 2> sockets{-1, -1}, pipe{-1, -1};
  int failure = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) == 0 ? 0 : errno;
  if (failure == 0 && ::pipe2(pipe.data(), O_CLOEXEC) != 0) failure = errno;
  const Descriptor input(sockets[0]), output(pipe[1]);
  commands_ = Descriptor(sockets[1]);
  answers_ = Descriptor(pipe[0]);
  script_ = Descriptor(::memfd_create("gnuplot-script", MFD_CLOEXEC));
  messages_ = Descriptor(::memfd_create("gnuplot-messages", MFD_CLOEXEC));
  if (failure == 0 && (script_.get() < 0 || messages_.get() < 0)) failure = errno;
  if (failure == 0) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, messages_.get(), STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&actions, script_.get(), script_in_gnuplot);
    failure = spawn_gnuplot(process_, actions);
    posix_spawn_file_actions_destroy(&actions);
  }
  if (failure == 0) return;
  process_ = -1;
  if (failure == ENOENT || failure == ENOTDIR) {
    throw Error(ErrorKind::runtime, "gnuplot was not found in PATH. On Debian: apt-get install gnuplot-nox");
  }
  if (failure == EAGAIN) throw limit_of_processes("gnuplot");
  check_limits(failure, "gnuplot");
  throw Error(ErrorKind::runtime, "gnuplot cannot be started: {}", std::strerror(failure));
}

Gnuplot::~Gnuplot() {
  give_up();
  end();
}

void Gnuplot::draw(const Picture& picture, const std::filesystem::path& target, Format format,
                   const FileNotes& notes) {
  AtomicFile file(target);
  draw(picture, file, format, notes);
  file.publish();
}

void Gnuplot::draw(const Picture& picture, AtomicFile& file, Format format, const FileNotes& notes) {
  carry_out(output_commands(file, format, picture) + picture.commands() + "unset output\n", file.target());
  const std::string title = notes.title.empty() ? picture.title() : notes.title;
  finish_file(file, format, picture.paper(), {title, notes.description});
}

void Gnuplot::draw_pages(std::size_t pages, const std::function<Picture(std::size_t)>& make,
                         const std::filesystem::path& target, const FileNotes& notes) {
  AtomicFile file(target);
  Paper paper;
  for (std::size_t page = 0; page < pages; ++page) {
    const Picture picture = make(page);
    if (page == 0) paper = picture.paper();
    const std::string first = page == 0 ? output_commands(file, Format::pdf, picture) : std::string();
    carry_out(first + picture.commands(), target);
  }
  carry_out("unset output\n", target);
  finish_file(file, Format::pdf, paper, notes);
  file.publish();
}

void Gnuplot::carry_out(const std::string& script, const std::filesystem::path& target) {
  // The answer comes after the load, when gnuplot no longer reads the script, which the next one overwrites.
  // A script that fails is left, but gnuplot goes on with the commands that follow the load.
  const bool done = write_script(script + "outcome = 'drawn'\n") &&
                    send(fmt::format("set print '-'\noutcome = 'failed'\nload '/dev/fd/{}'\nprint outcome\n",
                                     script_in_gnuplot)) &&
                    answer() == "drawn";
  if (done) return;
  const std::string how = end();
  if (given_up_) end_if_stopped(stop_);
  check_folder_of(target);
  constexpr std::uintmax_t little_room = 1 << 20;
  if (free_space(target) < little_room) {
    throw Error(ErrorKind::output, "{}: the figure could not be drawn, no room on the disk: {} free",
                target.string(), size_text(free_space(target)));
  }
  const std::string said = messages();
  // What cairo says where a file may not grow further.
  if (said.find("error while writing to output stream") != std::string::npos) throw_not_whole(target);
  throw Error(ErrorKind::runtime, "{}: gnuplot failed to draw this figure ({}): {}", target.string(),
              how.empty() ? "it ended early" : how, said);
}

std::string Gnuplot::finish() {
  const std::string how = end();
  if (given_up_) end_if_stopped(stop_);
  if (!how.empty()) throw Error(ErrorKind::runtime, "gnuplot failed at its end ({}): {}", how, messages());
  return messages();
}

bool Gnuplot::write_script(std::string_view script) const {
  if (::ftruncate(script_.get(), 0) != 0) return false;
  for (std::size_t done = 0; done < script.size();) {
    const ssize_t size =
        ::pwrite(script_.get(), script.data() + done, script.size() - done, static_cast<off_t>(done));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EFBIG || errno == ENOSPC)) {
      throw Error(ErrorKind::output, "a figure could not be drawn, its commands take {}: {}",
                  size_text(script.size()), std::strerror(errno));
    }
    if (size < 0) return false;
    done += static_cast<std::size_t>(size);
  }
  return true;
}

bool Gnuplot::send(std::string_view commands) const {
  while (!commands.empty()) {
    const ssize_t sent = ::send(commands_.get(), commands.data(), commands.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    commands.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Gnuplot::wait_for_output() {
  // More than a picture takes: one that hangs is not to keep the program from stopping.
  constexpr int patience_ms = 2000;
  for (;;) {
    pollfd output{answers_.get(), POLLIN, 0};
    const int ready = ::poll(&output, 1, patience_ms);
    if (ready > 0) return true;
    if (ready == 0 && stop_.stop_requested()) break;
  }
  give_up();
  return false;
}

void Gnuplot::give_up() {
  if (process_ > 0) ::kill(process_, SIGKILL);
  given_up_ = true;
}

std::string Gnuplot::answer() {
  std::string line;
  while (wait_for_output()) {
    char byte = 0;
    const ssize_t size = ::read(answers_.get(), &byte, 1);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    if (byte == '\n') return line;
    line += byte;
  }
  return {};
}

std::string Gnuplot::end() {
  commands_.close();
  // Its output ends when it does, and can be waited for within a time, which waitpid() cannot.
  std::array<char, 256> unread{};
  while (process_ > 0 && !given_up_ && wait_for_output() &&
         ::read(answers_.get(), unread.data(), unread.size()) > 0) {
  }
  answers_.close();
  if (process_ < 0) return {};
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  if (WIFSIGNALED(status)) return fmt::format("ended by signal {}", WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? "" : fmt::format("exit code {}", WEXITSTATUS(status));
}

std::string Gnuplot::messages() const {
  std::string text = read_file(fmt::format("/proc/self/fd/{}", messages_.get())).value_or("");
  text.erase(text.find_last_not_of(" \n") + 1);
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', end + 1))
    text.insert(end + 1, "  ");
  return text;
}

}  // namespace rnn_rates::plot
