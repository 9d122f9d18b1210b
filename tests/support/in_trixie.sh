#!/usr/bin/env bash
# The whole suite in a debootstrapped Debian 13, by chroot. Needs root. The root is kept in build/root-trixie.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || { echo "dev: --root trixie needs root (it uses debootstrap and chroot)" >&2; exit 1; }
command -v debootstrap >/dev/null || apt-get install -y --no-install-recommends debootstrap
mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1)
[ -n "$mirror" ] || mirror=$(awk '/^deb /{for (i = 2; i <= NF; i++) if ($i ~ /^http/) {print $i; exit}}' /etc/apt/sources.list)
root=$PWD/build/root-trixie
if [ ! -e "$root/etc/debian_version" ]; then
  echo "making a Debian 13 in build/root-trixie" >&2
  mkdir -p "$root"
  debootstrap --variant=minbase --include=ca-certificates trixie "$root" "$mirror" >build/root-trixie.log 2>&1 ||
    { tail -n 20 build/root-trixie.log >&2; exit 1; }
fi
for file in /etc/resolv.conf /etc/hosts; do cp "$file" "$root$file"; done
[ -d /etc/apt/apt.conf.d ] && cp /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
mkdir -p "$root/spillway"
git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -C "$root/spillway" -xf -
mount --bind /proc "$root/proc"
mount --bind /dev "$root/dev"
trap 'umount "$root/proc" "$root/dev"' EXIT
# The binary built here, on the older system, must start there.
if [ -x build/release/spillway ]; then
  cp build/release/spillway "$root/tmp/spillway-from-outside"
  chroot "$root" /tmp/spillway-from-outside --version
fi
chroot "$root" env HOME=/root LANG=C.UTF-8 /spillway/dev test
