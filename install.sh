#!/bin/sh
# Builds guard, installs it, and guards a repository: ./install.sh [--prefix FOLDER] [REPOSITORY]
set -eu

usage() {
  cat <<'TEXT'
Usage: ./install.sh [--prefix FOLDER] [--no-build] [REPOSITORY]

Builds guard with the Rust that is here, installs `guard` and `git-guard`, and guards
the REPOSITORY, or the one you stand in.

  --prefix FOLDER   install into FOLDER/bin        [default: ~/.local]
  --no-build        install what `cargo build --release` has made already
TEXT
}

say() { printf 'guard: %s\n' "$*"; }
fail() {
  printf 'guard: error: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '       %s\n' "$line" >&2; done
  exit 2
}

prefix=
build=yes
repository=
while [ $# -gt 0 ]; do
  case $1 in
  --prefix)
    [ $# -gt 1 ] || fail '--prefix needs a folder'
    prefix=$2
    shift
    ;;
  --prefix=*) prefix=${1#*=} ;;
  --no-build) build=no ;;
  -h | --help)
    usage
    exit 0
    ;;
  -*) fail "$1 is not an option" './install.sh --help lists them' ;;
  *)
    [ -z "$repository" ] || fail 'one repository at a time' 'guard install FOLDER guards further ones'
    repository=$1
    ;;
  esac
  shift
done

[ -n "$prefix" ] || [ -n "${HOME-}" ] || fail 'HOME is not set' 'say where to install: --prefix FOLDER'
prefix=${prefix:-$HOME/.local}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/target}
case $target in
/* | [A-Za-z]:*) ;;
*) target=$PWD/$target ;;
esac

# A mistyped repository is found before minutes of building.
if [ -n "$repository" ]; then
  [ -d "$repository" ] || fail "$repository is not a folder"
  git -C "$repository" rev-parse --git-dir >/dev/null 2>&1 ||
    fail "$repository is not a git repository" "git init \"$repository\" makes one"
fi

if [ $build = yes ]; then
  if ! command -v cargo >/dev/null 2>&1; then
    [ -x "${HOME-}/.cargo/bin/cargo" ] || fail 'Rust is not here, and guard is built with it' \
      'get it from https://rustup.rs (or your system: apt install cargo, brew install rust),' \
      'then run this again'
    PATH=$HOME/.cargo/bin:$PATH
  fi
  if ! command -v cc >/dev/null 2>&1 && ! command -v gcc >/dev/null 2>&1 && ! command -v clang >/dev/null 2>&1; then
    fail 'a C compiler is not here, and libgit2 is built with it' \
      'apt install build-essential, dnf install gcc, or xcode-select --install; then run this again'
  fi
  say 'building, this takes a few minutes the first time'
  (cd "$here" && CARGO_TARGET_DIR=$target cargo build --release --locked --quiet --bins) ||
    fail 'the build failed, what cargo says stands above' \
      "guard needs Rust $(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$here/Cargo.toml") or newer: rustup update"
fi

mkdir -p "$prefix/bin"
prefix=$(CDPATH='' cd -- "$prefix" && pwd)
for name in guard git-guard; do
  [ -f "$target/release/$name" ] || fail "$target/release/$name is not there" 'run this without --no-build'
  # Beside, then moved over: a program that runs cannot be written to.
  cp "$target/release/$name" "$prefix/bin/$name.new"
  chmod 755 "$prefix/bin/$name.new"
  mv -f "$prefix/bin/$name.new" "$prefix/bin/$name"
done
say "installed guard and git-guard in $prefix/bin"
case :${PATH-}: in
*:"$prefix/bin":*) ;;
*) printf '       it is not on your PATH yet: export PATH="%s/bin:$PATH"\n' "$prefix" ;;
esac

if [ -z "$repository" ]; then
  if ! git rev-parse --git-dir >/dev/null 2>&1; then
    say 'no repository is guarded yet: guard install, in each that should be'
    exit 0
  fi
  repository=.
fi
cd -- "$repository"
# Under a hook manager a line may be left to add: that is said, and the exit code says it too.
"$prefix/bin/guard" install
