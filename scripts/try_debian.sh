#!/usr/bin/env bash
# Builds this source and runs its tests in another release of Debian, which it installs into a folder of its own.
#   try_debian.sh SUITE [flags of test.sh]     try_debian.sh trixie --mpich -LE workflow
# The release with its packages and build (5 GB; build/debian/SUITE, or below RNN_RATES_DEBIAN) is kept, so that the
# next run is quick; remove the folder to start anew. Needs root, debootstrap and network. The source is read in place
# and not written to; what is mounted for all this goes away with the script, however that ends.
set -euo pipefail

suite=${1:-}
case "$suite" in
  "" | -*) echo "usage: try_debian.sh SUITE [flags of test.sh]" >&2; exit 2 ;;
esac
if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
  echo "try_debian.sh: needs root, and debootstrap (apt-get install debootstrap)" >&2
  exit 1
fi
# Mounts and processes live in namespaces of their own.
if [ -z "${RNN_RATES_NAMESPACE:-}" ]; then
  RNN_RATES_NAMESPACE=1 exec unshare --mount --pid --fork --kill-child --mount-proc bash "${BASH_SOURCE[0]}" "$@"
fi
shift

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
system=${RNN_RATES_DEBIAN:-$root/build/debian}/$suite
if [ ! -e "$system/complete" ]; then
  echo "Installing Debian $suite into $system"
  rm -rf "$system"
  mkdir -p "$system"
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$system" >"$system.log" ||
    { tail "$system.log" >&2; exit 1; }
  # How this machine reaches the network.
  apt-config dump Acquire | grep -E '^Acquire::(https?::|Check)' >"$system/etc/apt/apt.conf.d/90host" || true
  cp -L /etc/ssl/certs/ca-certificates.crt "$system/etc/ssl/certs/"
  echo force-unsafe-io >"$system/etc/dpkg/dpkg.cfg.d/quick"
  touch "$system/complete"
fi
cp -L /etc/resolv.conf /etc/hosts "$system/etc/"

mkdir -p "$root/build" "$system/source" "$system/shared" "$system/build"
mount --bind "$root" "$system/source"
mount -o remount,bind,ro "$system/source"
mount --bind "$system/build" "$system/source/build"
if [ -d "$root/../shared" ]; then mount --rbind "$root/../shared" "$system/shared"; fi
mount -t proc proc "$system/proc"
mount --rbind /sys "$system/sys"
mount --rbind /dev "$system/dev"
certificates=/etc/ssl/certs/ca-certificates.crt
exec chroot "$system" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 \
  PIP_CERT=$certificates NODE_EXTRA_CA_CERTS=$certificates bash /source/scripts/test.sh "$@"
