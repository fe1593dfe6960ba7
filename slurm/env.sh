# shellcheck shell=bash
# Sourced by the job scripts. What differs from cluster to cluster is set here, or before submitting:
#   RNN_RATES_MODULES   environment modules to load, such as "openmpi hdf5"
#   RNN_RATES_BIN       folder of the five programs; without it they are looked for on the PATH, then in the installation
#                       that this file belongs to
#   MAX_REQUEUE         how many times a job that ran out of time goes on in a new run of itself (20)

if [ -n "${RNN_RATES_MODULES:-}" ]; then
  module purge
  for name in $RNN_RATES_MODULES; do module load "$name"; done
fi
if [ -z "${RNN_RATES_BIN:-}" ] && ! command -v extract_bins >/dev/null; then
  RNN_RATES_BIN=$(realpath -m "${BASH_SOURCE[0]}/../../../../bin")
fi
if [ -n "${RNN_RATES_BIN:-}" ]; then export PATH="$RNN_RATES_BIN:$PATH"; fi
MAX_REQUEUE=${MAX_REQUEUE:-20}

# A fit runs on one thread and more cores take more fits, so libraries start no threads of their own.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
# Open MPI under srun starts through PMIx, and srun does not take over the job's --cpus-per-task by itself.
export SLURM_MPI_TYPE=${SLURM_MPI_TYPE:-pmix}
export SRUN_CPUS_PER_TASK=${SLURM_CPUS_PER_TASK:-1}

stage_pid=
stop_asked=
# Slurm sends USR1 to the batch script ahead of the time limit (#SBATCH --signal=B:USR1@...).
trap 'stop_asked=1; if [ -n "$stage_pid" ]; then kill -USR1 "$stage_pid" 2>/dev/null || true; fi' USR1

# run_stage COMMAND...: runs it, hands USR1 on to it, and returns its exit code.
run_stage() {
  local code=0
  if [ -n "$stop_asked" ]; then return 75; fi
  "$@" &
  stage_pid=$!
  # The signal ends `wait` but not the program, which saves its checkpoints first.
  while kill -0 "$stage_pid" 2>/dev/null; do wait "$stage_pid" || true; done
  wait "$stage_pid" || code=$?
  stage_pid=
  # 128 + USR1: it came before the program was listening, so nothing was begun.
  if [ "$code" -eq 138 ]; then code=75; fi
  return "$code"
}

# end_job CODE: ends the job with this code, but for 75 puts it back into the queue to continue from its checkpoints.
end_job() {
  if [ "$1" -ne 75 ]; then exit "$1"; fi
  local restarts=${SLURM_RESTART_COUNT:-0}
  if [ "$restarts" -ge "$MAX_REQUEUE" ]; then
    echo "Stopped early with checkpoints saved, and not queued again after $restarts times (MAX_REQUEUE)." >&2
    exit 75
  fi
  echo "Stopped early with checkpoints saved: queued again, $((restarts + 1)) of at most $MAX_REQUEUE times." >&2
  scontrol requeue "$SLURM_JOB_ID" || exit 75
  sleep 600 # Slurm ends this script.
  exit 75
}
