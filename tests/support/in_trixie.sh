#!/usr/bin/env bash
# The whole suite in a debootstrapped Debian 13, by chroot. Needs root. The root is kept in build/root-trixie.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || { echo "dev: --root trixie needs root (it uses debootstrap and chroot)" >&2; exit 1; }
mirror=$1
root=$PWD/build/root-trixie
command -v debootstrap >/dev/null || apt-get install -y --no-install-recommends debootstrap
if [ ! -e "$root/.made" ]; then
  echo "making a Debian 13 in build/root-trixie" >&2
  rm -rf "$root"
  mkdir -p "$root"
  debootstrap --variant=minbase --include=ca-certificates trixie "$root" "$mirror" >build/root-trixie.log 2>&1 ||
    { tail -n 20 build/root-trixie.log >&2; exit 1; }
  touch "$root/.made"
fi
for file in /etc/resolv.conf /etc/hosts; do cp "$file" "$root$file"; done
# How this machine reaches its mirror (proxies) holds inside as well.
apt-config dump | grep -E '^Acquire::https?::Proxy' >"$root/etc/apt/apt.conf.d/90outside" || true
# ... and whom it trusts on the way there: npm takes this list beside its own.
trusted=/etc/ssl/certs/outside.crt
cp /etc/ssl/certs/ca-certificates.crt "$root$trusted"

# The tree as it is here, changes included; what was built inside before is kept.
mkdir -p "$root/spillway"
find "$root/spillway" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
  if [ -e "$file" ]; then printf '%s\0' "$file"; fi
done | tar --null -T - -cf - | tar -C "$root/spillway" -xf -

leave() { umount "$root/dev/shm" "$root/dev/pts" "$root/dev" "$root/proc"; }
trap leave EXIT
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount --bind /dev/pts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
# The binary built here, on the older system, must start there.
if [ -x build/release/spillway ]; then
  cp build/release/spillway "$root/tmp/spillway-from-outside"
  echo "built outside, started inside: $(chroot "$root" /tmp/spillway-from-outside --version)" >&2
fi
chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
  NODE_EXTRA_CA_CERTS="$trusted" /spillway/dev test
