#!/bin/sh
# Loads every format in real readers: tests/readers/run.sh [GUARD]. Installs them from the package registries into a
# folder of its own; what cannot be had is said as "skipped".
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
guard=${1:-$here/../../target/debug/guard}
guard=$(CDPATH='' cd -- "$(dirname -- "$guard")" && pwd)/$(basename "$guard")
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

mkdir "$room/repo" "$room/out"
cd "$room/repo"
git init -q
# What looks like a name in a report must not break out of it.
mkdir 'a "b" & <c>, d;e]'
printf 'DEBUG = True\nALLOWED_HOSTS = ["*"]\n' >settings.py
printf 'DEBUG = True\n' >'a "b" & <c>, d;e]/settings.py'
printf 'import yaml, pickle\nyaml.load(open("x"))\npickle.loads(b"")\nDATABASE = "postgres://app:%s@db.internal/app"\n' "kV8-tq2Zr9wLx" >app.py
git add .
for format in json jsonl sarif github gitlab codequality azure bitbucket bitbucket-annotations junit csv; do
  # 1 is what is wanted.
  "$guard" staged --isolated --format "$format" >"$room/out/$format" || [ $? -eq 1 ]
done

if python3 -m venv "$room/venv" && "$room/venv/bin/pip" -q install jsonschema==4.26.0 junitparser==5.0.3 sarif-tools==3.0.5; then
  "$room/venv/bin/python" "$here/read.py" "$room/out"
else
  echo "skipped: jsonschema, junitparser and sarif-tools cannot be installed"
fi

mkdir "$room/node"
cd "$room/node"
if command -v npm >/dev/null && npm install --silent --no-audit --no-fund @microsoft/sarif-multitool; then
  # The extension is how it knows the format. Findings about the log itself would be results of level error.
  cp "$room/out/sarif" guard.sarif
  node_modules/.bin/sarif-multitool validate guard.sarif --output checked.sarif --log ForceOverwrite >said 2>&1 || true
  if ! [ -s checked.sarif ]; then
    echo "skipped: sarif-multitool does not run here: $(tail -n 1 said)"
  elif grep -q '"level": *"error"' checked.sarif; then
    cat said
    exit 1
  else
    echo "sarif: sarif-multitool finds it valid"
  fi
else
  echo "skipped: sarif-multitool cannot be installed"
fi
