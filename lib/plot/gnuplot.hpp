#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/atomic_file.hpp"
#include "core/choices.hpp"
#include "core/descriptor.hpp"
#include "plot/finish.hpp"
#include "plot/picture.hpp"

namespace rnn_rates::plot {

using Format = PictureFormat;

/// A running gnuplot, fed through memory; one process draws any number of pictures. It needs no start-up
/// files, no display, and no environment but PATH. Not to be shared between threads. Where it hangs, a
/// requested stop ends it, and what was waiting for it throws Error(stopped).
class Gnuplot {
 public:
  /// PNGs have as many pixels as their paper's resolution asks for, at most 32767. Throws Error(runtime),
  /// naming the Debian package, where gnuplot is not installed.
  explicit Gnuplot(std::stop_token stop = {});
  /// Ends gnuplot at once if finish() was not called.
  ~Gnuplot();
  Gnuplot(const Gnuplot&) = delete;
  Gnuplot& operator=(const Gnuplot&) = delete;

  /// Publishes `picture` as the file `target` (see AtomicFile), with `notes`, whose title is the picture's
  /// own unless it is given; it is whole on return. Throws Error(output) where it cannot be written and
  /// Error(runtime), with gnuplot's own words, where gnuplot fails; both name `target`. After Error(runtime),
  /// or where the folder went away meanwhile, this gnuplot is gone: make another.
  void draw(const Picture& picture, const std::filesystem::path& target, Format format,
            const FileNotes& notes = {});
  /// The same, but leaves it to the caller to publish `file`.
  void draw(const Picture& picture, AtomicFile& file, Format format, const FileNotes& notes = {});
  /// The first for a PDF with a page for each of `pages` pictures, which `make` makes one by one; all have
  /// the size of the first.
  void draw_pages(std::size_t pages, const std::function<Picture(std::size_t)>& make,
                  const std::filesystem::path& target, const FileNotes& notes = {});

  /// Ends gnuplot and returns what it said on the way, usually nothing: warnings for the log. Throws
  /// Error(runtime) unless it ended well.
  std::string finish();

 private:
  /// Has gnuplot carry out `script`; throws Error(runtime) where it fails.
  void carry_out(const std::string& script, const std::filesystem::path& target);
  bool write_script(std::string_view script) const;
  /// False where gnuplot no longer reads.
  bool send(std::string_view commands) const;
  /// Waits until gnuplot prints something or ends; false where it does neither for a while and a stop is
  /// asked for: it is given up then.
  bool wait_for_output();
  /// Kills it.
  void give_up();
  /// Waits for the line that gnuplot prints when it has done all that was sent; empty where it ended instead.
  std::string answer();
  /// Waits for the end of gnuplot; returns how it ended, empty where well.
  std::string end();
  std::string messages() const;

  std::stop_token stop_;
  pid_t process_ = -1;
  bool given_up_ = false;  ///< not to be waited for
  Descriptor commands_;    ///< socket to gnuplot's stdin
  Descriptor answers_;     ///< pipe from its stdout
  Descriptor script_;      ///< memory file with the picture to draw
  Descriptor messages_;    ///< memory file that is its stderr
};

}  // namespace rnn_rates::plot
