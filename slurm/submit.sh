#!/usr/bin/env bash
# Submits the five stages over a dataset to Slurm.
#
#   submit.sh [OPTIONS] -- --manifest sessions.tsv -c settings.toml -o results [FLAGS OF ALL STAGES]
#
# Without --mpi: one array whose tasks take the whole chain for their sessions, so that a session that fails stops
# nothing else. With --mpi: an array for extract_bins and reduce_pca, then train_rnn over several nodes, then an array
# for infer_write and plot_rates, each after the one before has succeeded (afterok).
#
#   --per-task N       sessions that one array task takes, more for short ones (1)
#   --max-running N    array tasks that run at once (all)
#   --mpi N            train on N MPI tasks
#   --stages A,B       these stages only
#   --sbatch=FLAG      goes to sbatch for each job, such as --sbatch=--partition=long; repeatable
#   -n, --dry-run      print what would be submitted
#
# Job ids are remembered in results/slurm/jobs.tsv (time, job, stages), logs lie in results/slurm/logs. A dataset
# with jobs still in the queue is not submitted again.
set -euo pipefail
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
all_stages=extract_bins,reduce_pca,train_rnn,infer_write,plot_rates

fail() {
  echo "submit.sh: $1" >&2
  exit 2
}

need_number() {
  [[ "${2:-}" =~ ^[1-9][0-9]*$ ]] || fail "$1 '${2:-}': expected a number from 1 on"
}

per_task=1 max_running='' mpi_tasks='' stages='' dry_run='' extra=()
while [ $# -gt 0 ]; do
  case $1 in
    --per-task) need_number "$@"; per_task=$2; shift 2 ;;
    --max-running) need_number "$@"; max_running=$2; shift 2 ;;
    --mpi) need_number "$@"; mpi_tasks=$2; shift 2 ;;
    --stages) stages=${2:?names, separated by commas}; shift 2 ;;
    --sbatch=*) extra+=("${1#--sbatch=}"); shift ;;
    -n | --dry-run) dry_run=1; shift ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    --) shift; break ;;
    *) fail "unknown option '$1' (flags of the stages come after --)" ;;
  esac
done
flags=("$@")

out=''
while [ $# -gt 0 ]; do
  case $1 in
    --out=*) out=${1#--out=} ;;
    -o | --out) out=${2:-}; shift ;;
  esac
  [ $# -eq 0 ] || shift
done
[ -n "$out" ] || fail "name -o DIR after --"

# Prints a line for each session of the flags, as the first stage understands them; what is wrong with them it says itself.
list_sessions() {
  # shellcheck source=slurm/env.sh
  source "$folder/env.sh"
  local program=${stages:-$all_stages} words=() word
  program=${program%%,*}
  command -v "$program" >/dev/null || fail "$program is not on the PATH; slurm/env.sh says how to name its folder"
  for word in "${flags[@]}"; do [ "$word" = --json ] || words+=("$word"); done
  "$program" "${words[@]}" --list-sessions
}
listing=$(list_sessions)
sessions=$(wc -l <<<"$listing")
shards=$(((sessions + per_task - 1) / per_task))
jobs_file=$out/slurm/jobs.tsv
logs=${out//%/%%}/slurm/logs
# By the environment, as --export=NAME=VALUE has no room for commas.
export RNN_RATES_SLURM=$folder

show() {
  printf '%q ' "$@" >&2
  echo >&2
}

# Prints the ids, separated by commas, of those remembered jobs that are still in the queue.
still_queued() {
  [ -s "$jobs_file" ] || return 0
  local queued
  queued=$(squeue --noheader --format=%A)
  sort -u <<<"$queued" | grep -Fx -f <(cut -f 2 "$jobs_file") | paste -sd , || true
}

dry_id=0
# submit STAGES SBATCH_WORDS...: submits one job and leaves its id in $job_id.
submit() {
  local names=$1 answer
  shift
  local command=(sbatch --parsable --export=ALL "${extra[@]}" "$@")
  show "${command[@]}"
  if [ -n "$dry_run" ]; then
    dry_id=$((dry_id + 1))
    job_id=JOB$dry_id
    return
  fi
  answer=$("${command[@]}")
  job_id=${answer%%;*}
  printf '%s\t%s\t%s\n' "$(date -u +%FT%TZ)" "$job_id" "$names" >>"$jobs_file"
  echo "$job_id"
}

# after IDS: the flags that make a job wait until these (with colons in between) have succeeded, if there are any.
after() {
  if [ -n "$1" ]; then printf '%s\n' "--dependency=afterok:$1" --kill-on-invalid-dep=yes; fi
}

# submit_array STAGES AFTER: one array, or several where Slurm takes no array that long; ids go to $job_ids.
submit_array() {
  local names=$1 first=0 count dependency
  mapfile -t dependency < <(after "$2")
  job_ids=''
  while [ "$first" -lt "$shards" ]; do
    count=$((shards - first < max_array ? shards - first : max_array))
    export RNN_RATES_SHARDS=$shards RNN_RATES_FIRST_SHARD=$first
    submit "$names" "${dependency[@]}" --array="0-$((count - 1))${max_running:+%$max_running}" \
      --output="$logs/%x.%A_%a.log" "$folder/array.sbatch" "$names" "${flags[@]}"
    job_ids=${job_ids:+$job_ids:}$job_id
    first=$((first + count))
  done
}

submit_mpi() {
  local names=$1 dependency
  mapfile -t dependency < <(after "$2")
  submit "$names" "${dependency[@]}" --ntasks="$mpi_tasks" --output="$logs/%x.%j.log" \
    "$folder/mpi.sbatch" "$names" "${flags[@]}"
  job_ids=$job_id
}

max_array=$(scontrol show config | awk '$1 == "MaxArraySize" { print $3 }')
need_number MaxArraySize "$max_array"
if [ -z "$dry_run" ]; then
  queued=$(still_queued)
  [ -z "$queued" ] || fail "jobs of $out are still in the queue: $queued (scancel ends them)"
  mkdir -p "$out/slurm/logs"
fi

if [ -z "$mpi_tasks" ]; then
  submit_array "${stages:-$all_stages}" ''
elif [ -n "$stages" ]; then
  submit_mpi "$stages" ''
else
  submit_array extract_bins,reduce_pca ''
  submit_mpi train_rnn "$job_ids"
  submit_array infer_write,plot_rates "$job_ids"
fi
