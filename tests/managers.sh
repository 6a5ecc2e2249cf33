#!/bin/sh
# Runs the tests of hook managers with the real programs: installs pre-commit, prek, husky and lefthook into a folder of
# its own. One that cannot be had is skipped by its test, which says so.
set -eu

cd "$(dirname -- "$0")/.."
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv" && "$room/venv/bin/pip" -q install pre-commit==4.7.0 prek==0.5.11 || echo "pre-commit and prek cannot be installed"
(cd "$room" && npm install --silent --no-audit --no-fund husky@9 lefthook@2) || echo "husky and lefthook cannot be installed"
PATH=$room/venv/bin:$room/node_modules/.bin:$PATH cargo test --test it managers -- --nocapture
