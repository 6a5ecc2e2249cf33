#!/bin/sh
# Scans many repositories on one machine, or on several over SSH, with GNU parallel, and joins the reports:
#   docs/scale/parallel.sh REPOSITORIES REPORTS [option of parallel]…
#
# REPOSITORIES is a file with the path of one clone a line; REPORTS a folder. A run that was stopped goes on where it was.
# Ends as `guard merge` does: 0 clean, 1 something blocks, 2 something was not read.
set -eu

[ $# -ge 2 ] || { sed -n '2,6s/^# //p' "$0" >&2; exit 2; }
repositories=$1 reports=$2
shift 2
mkdir -p "$reports"

# One thread for each job: repositories side by side use a machine better than threads in one.
# 1 is a finding and no failure; 2 is told by the report too, and is tried again by the next run.
export RAYON_NUM_THREADS=1
parallel --joblog "$reports/jobs.log" --resume-failed "$@" --arg-file "$repositories" \
  "guard history {} --format jsonl >$reports/{#}.part; code=\$?
   [ -s $reports/{#}.part ] && mv $reports/{#}.part $reports/{#}.jsonl
   [ \$code -le 1 ]" || echo "guard: some repositories were not read in whole" >&2

# Each repository must have its report: one whose job was killed has none.
wanted=$(grep -c . "$repositories")
there=$(find "$reports" -name '*.jsonl' | wc -l)
if [ "$there" -ne "$wanted" ]; then
  echo "guard: error: $there reports of $wanted repositories: see $reports/jobs.log" >&2
  exit 2
fi
find "$reports" -name '*.jsonl' -exec cat {} + | guard merge - --format json --output text:"$reports/report.txt" >"$reports/report.json"
