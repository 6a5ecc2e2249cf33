#!/bin/sh
# Builds and installs every package, and lets what was installed stop a commit: packaging/try.sh [FOLDER-OF-BINARIES]
#
# What a missing tool keeps from being tried is said as "skipped". Nothing is fetched, and nothing of the system changes:
# each package is installed into a folder of its own.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
binaries=${1:-$root/target/release}
binaries=$(CDPATH='' cd -- "$binaries" && pwd)
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
failed=0

stops_a_commit() { # NAME PROGRAM
  repo=$room/$1-repo
  git init -q "$repo"
  (
    cd "$repo"
    export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com
    export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
    "$2" install >/dev/null
    echo text >a.txt
    git add a.txt
    git commit -q -m "clean"
    printf '%s\n%s\n' 'DEBUG = True' 'SECRET_KEY = os.environ["KEY"]' >settings.py
    git add settings.py
    if git commit -q -m "not clean" >out 2>&1; then
      echo "$1: the commit was not stopped"
      exit 1
    fi
    grep -q django-debug-true out
  ) || { echo "$1: failed"; failed=1; return 0; }
  echo "$1: installed $("$2" --version), and it stops a commit"
}

say_skipped() { echo "$1: skipped: $2"; }

if python3 -c 'import tomllib, venv, ensurepip' 2>/dev/null; then
  wheel=$(python3 "$root/packaging/wheel.py" "$binaries" "$room/out")
  python3 -m venv "$room/venv"
  "$room/venv/bin/pip" -q --disable-pip-version-check install --no-index "$wheel"
  "$room/venv/bin/pip" -q --disable-pip-version-check check
  stops_a_commit wheel "$room/venv/bin/guard"
else
  say_skipped wheel "python 3.11 with venv is not here"
fi

if command -v npm >/dev/null && python3 -c 'import tomllib' 2>/dev/null; then
  packages=$(python3 "$root/packaging/npm.py" "$binaries" "$room/out")
  mkdir -p "$room/node"
  # The packages of the other platforms are optional: offline npm leaves them out.
  echo '{"private":true}' >"$room/node/package.json"
  # shellcheck disable=SC2086 # two paths, one a line
  (cd "$room/node" && npm install --silent --no-audit --no-fund --offline $packages >/dev/null)
  stops_a_commit npm "$room/node/node_modules/.bin/guard"
else
  say_skipped npm "npm or python 3.11 is not here"
fi

if command -v dpkg-deb >/dev/null && command -v dpkg >/dev/null; then
  "$root/packaging/deb.sh" "$binaries" "$room/out" >/dev/null
  package=$(ls "$room"/out/*.deb)
  dpkg-deb --extract "$package" "$room/deb"
  dpkg-deb --info "$package" >/dev/null
  zcat "$room/deb/usr/share/man/man1/guard.1.gz" | grep -q '^\.TH'
  stops_a_commit deb "$room/deb/usr/bin/guard"
else
  say_skipped deb "dpkg is not here"
fi

exit "$failed"
