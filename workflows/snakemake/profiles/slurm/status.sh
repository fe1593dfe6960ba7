#!/usr/bin/env bash
# status.sh JOB: says success, failed or running, as Snakemake wants to hear it. Needs no accounting database.
set -euo pipefail
if ! job=$(scontrol --oneliner show job "$1" 2>&1); then
  case $job in
    # Slurm forgets finished jobs after MinJobAge; one that had succeeded would have been asked about in time.
    *"Invalid job id"*) echo failed ;;
    # The controller does not answer: ask again later.
    *) echo running ;;
  esac
  exit 0
fi
state=${job#* JobState=}
case ${state%% *} in
  COMPLETED) echo success ;;
  PENDING | CONFIGURING | RUNNING | COMPLETING | SUSPENDED | REQUEUED | RESIZING | SIGNALING | STAGE_OUT | STOPPED) echo running ;;
  *) echo failed ;;
esac
