#!/usr/bin/env bash
# A stripped tarball and a .deb in build/package, from build/release/spillway.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=$(sed -n 's/^project(spillway VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
out=build/package
limit=$((6 * 1024 * 1024))
rm -rf "$out"
root=$out/spillway-$version
mkdir -p "$root/bin" "$root/include" "$root/share/spillway"
strip -o "$root/bin/spillway" build/release/spillway
cp plugins/spillway_plugin.h "$root/include/"
cp -r conf/examples conf/demo.toml conf/reference.toml plugins/template "$root/share/spillway/"
cp LICENSE README.md "$root/"
size=$(stat -c %s "$root/bin/spillway")
[ "$size" -lt "$limit" ] || { echo "the stripped binary has $size bytes, more than 6 MiB" >&2; exit 1; }
tar -C "$out" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -czf "$out/spillway-$version-linux-amd64.tar.gz" "spillway-$version"
deb=$out/deb
mkdir -p "$deb/DEBIAN" "$deb/usr/bin" "$deb/usr/include" "$deb/usr/share/doc/spillway" "$deb/usr/share/spillway" \
  "$deb/lib/systemd/system"
cp conf/deploy/spillway.service "$deb/lib/systemd/system/"
cp "$root/bin/spillway" "$deb/usr/bin/"
cp "$root/include/spillway_plugin.h" "$deb/usr/include/"
cp -r "$root/share/spillway/." "$deb/usr/share/spillway/"
cp LICENSE "$deb/usr/share/doc/spillway/copyright"
cat >"$deb/DEBIAN/control" <<EOF
Package: spillway
Version: $version
Architecture: amd64
Maintainer: The Spillway maintainers <spillway@localhost>
Depends: libc6 (>= 2.36)
Recommends: ca-certificates
Section: net
Priority: optional
Description: edge proxy for LLM APIs that uses free capacity first
 A single binary that routes OpenAI-style requests over several providers,
 skips broken ones, answers repeats from a cache and streams the rest.
EOF
dpkg-deb --root-owner-group --build "$deb" "$out/spillway_${version}_amd64.deb" >/dev/null
rm -rf "$deb"
ls -l "$out"/*.tar.gz "$out"/*.deb
echo "stripped binary: $size bytes"
