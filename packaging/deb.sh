#!/bin/sh
# Builds a Debian package of the two programs, with manual pages and completions: packaging/deb.sh FOLDER-OF-BINARIES OUT
set -eu

[ $# -eq 2 ] || { echo "packaging/deb.sh FOLDER-OF-BINARIES OUT" >&2; exit 2; }
command -v dpkg-deb >/dev/null || { echo "dpkg-deb is not here" >&2; exit 2; }
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)
architecture=$(dpkg --print-architecture)
mkdir -p "$2"
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"

for program in guard git-guard; do
  install -D -m 755 "$1/$program" "$tree/usr/bin/$program"
done
mkdir -p "$tree/usr/share/man/man1"
"$1/guard" man "$tree/usr/share/man/man1"
gzip -9n "$tree"/usr/share/man/man1/*
for shell in bash:bash-completion/completions/guard zsh:zsh/vendor-completions/_guard fish:fish/vendor_completions.d/guard.fish; do
  file=$tree/usr/share/${shell#*:}
  mkdir -p "$(dirname "$file")"
  "$1/guard" completions "${shell%%:*}" >"$file"
done
docs=$tree/usr/share/doc/git-guard
mkdir -p "$docs"
cat "$root/LICENSE" "$root/LICENSE-MIT" "$root/LICENSE-APACHE" >"$docs/copyright"
gzip -9nc "$root/CHANGELOG.md" >"$docs/changelog.gz"
chmod -R u=rwX,go=rX "$tree"

# The oldest C library that has all the symbols the program asks for.
glibc=$(grep -aoE 'GLIBC_2\.[0-9]+' "$1/guard" | sort -t. -k2 -n | tail -n 1 | sed 's/GLIBC_//') || glibc=
mkdir -p "$tree/DEBIAN"
{
  echo "Package: git-guard"
  echo "Version: $version"
  echo "Architecture: $architecture"
  echo "Section: vcs"
  echo "Priority: optional"
  echo "Maintainer: the makers of guard <guard@localhost>"
  echo "Depends: git (>= 1:2.26)${glibc:+, libc6 (>= $glibc)${glibc:+, libgcc-s1}}"
  echo "Installed-Size: $(du -sk "$tree/usr" | cut -f 1)"
  echo "Description: stops a commit that carries a secret or an unsafe setting"
  echo " guard reads what is staged, tells what in it is a token, a password, a private"
  echo " key or an unsafe setting, and stops the commit. It works offline."
} >"$tree/DEBIAN/control"
dpkg-deb --root-owner-group -Zxz --build "$tree" "$2/git-guard_${version}_$architecture.deb"
