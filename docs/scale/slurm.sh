#!/bin/sh
#SBATCH --job-name=guard
#SBATCH --array=0-99
#SBATCH --cpus-per-task=2
#SBATCH --mem=2G
#SBATCH --time=00:30:00
# Scans the repositories of a list as a Slurm array; each task takes every hundredth:
#   sbatch --export=ALL,REPOSITORIES=repositories.txt,REPORTS=reports docs/scale/slurm.sh
# When all have ended: cat reports/*.jsonl | guard merge -
#
# One huge repository in parts instead: REPOSITORY=/srv/git/monorepo.git in place of REPOSITORIES. All tasks must see the
# same copy: parts are dealt out by how the objects are packed.
set -eu

count=$((SLURM_ARRAY_TASK_MAX - SLURM_ARRAY_TASK_MIN + 1))
index=$((SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN))
export RAYON_NUM_THREADS="${SLURM_CPUS_PER_TASK:-1}"
mkdir -p "$REPORTS"
report=$REPORTS/$index.jsonl

if [ -n "${REPOSITORY-}" ]; then
  set -- --shard "$((index + 1))/$count" "$REPOSITORY"
else
  # shellcheck disable=SC2046 # one path a line, without spaces
  set -- $(awk -v count="$count" -v own="$index" 'NF && (NR - 1) % count == own' "$REPOSITORIES")
  [ $# -gt 0 ] || exit 0
fi
# 1 is a finding: the task has done its work. 2 lets the task fail, and the report tells why.
code=0
guard history "$@" --format jsonl >"$report.part" || code=$?
mv "$report.part" "$report"
[ "$code" -le 1 ]
