#!/usr/bin/env python3
"""What rank 0's handing out of tasks costs on more ranks than there are here: a simulation, event by event.

    simulate_cluster.py TIMES.json [--sessions 10000] [--fits 8] [--ranks 1000] [--service-us 12] [--plot FILE.png]

TIMES.json is what `train_rnn --json --threads 1` says of real sessions: the seconds of their fits are drawn from with
replacement. Rank 0 answers one message at a time, each in SERVICE; a rank that waits sleeps up to 5 ms between looks,
as lib/mpi/share.cpp does. Prints JSON: makespan against the lower bound (all work divided by the ranks, or the longest
fit), the share of the time that rank 0 answers, the longest wait for an answer, and the same for sessions dealt out
beforehand; and what the run reads and writes.
"""
import argparse
import heapq
import json
import random
import shutil
import subprocess

POLL_S = 0.005
#: Files that end up in a session's folder (bins.h5, pca.h5, rates.h5) and for each fit (its model); pictures left out.
FILES_A_SESSION, FILES_A_FIT = 3, 1
#: Calls on file names that train_rnn makes for a fit: 10 of its own (model, temporary name, rename, syncs; checkpoints
#: left out) and 22 to open and lock its session, on every rank that gets one of its fits. Counted with strace.
NAME_CALLS_A_FIT = 32


def shared(fits_s, ranks, service_s):
    """Rank 0 hands out the fits, the longest first; returns makespan, time that it answers, longest wait."""
    order = sorted(fits_s, reverse=True)
    draw = random.Random(1)
    free_at = answering = longest_wait = 0.0
    asking = [(0.0, rank) for rank in range(ranks)]
    heapq.heapify(asking)
    end = 0.0
    for took in order:
        asked, rank = heapq.heappop(asking)
        start = max(asked, free_at)
        free_at = start + service_s
        answering += service_s
        longest_wait = max(longest_wait, free_at - asked)
        seen = free_at + (draw.uniform(0, POLL_S) if asked > 0 else 0.0)
        heapq.heappush(asking, (seen + took + (draw.uniform(0, POLL_S) if rank else 0.0), rank))
        end = max(end, seen + took)
    return end, answering, longest_wait


def dealt_out(sessions_s, ranks):
    """Session number i goes to rank i modulo the ranks, as a fixed sharing does; returns the makespan."""
    sums = [0.0] * ranks
    for number, fits_s in enumerate(sessions_s):
        sums[number % ranks] += sum(fits_s)
    return max(sums)


def simulate(times_s, sessions, fits, ranks, service_s):
    draw = random.Random(7)
    # Sessions differ as a whole, in trials and units, as the recorded ones do among each other.
    sessions_s = [[draw.choice(times_s) for _ in range(draw.randint(1, 2 * fits - 1))] for _ in range(sessions)]
    all_fits_s = [took for session in sessions_s for took in session]
    bound = max(sum(all_fits_s) / ranks, max(all_fits_s))
    makespan, answering, wait = shared(all_fits_s, ranks, service_s)
    return {"ranks": ranks, "fits": len(all_fits_s), "core_hours": sum(all_fits_s) / 3600, "lower_bound_s": bound,
            "makespan_s": makespan, "efficiency": bound / makespan, "rank_0_answers": answering / makespan,
            "longest_wait_ms": 1e3 * wait, "dealt_out_efficiency": bound / dealt_out(sessions_s, ranks)}


def plot(rows, path):
    data = "\n".join(f"{r['ranks']} {100 * r['efficiency']} {100 * r['dealt_out_efficiency']}" for r in rows)
    script = f"""set terminal pngcairo size 1000,600 font 'DejaVu Sans,13'
set output '{path}'
set logscale x
set xlabel 'ranks'
set ylabel 'efficiency (%)'
set yrange [0:105]
set key bottom left
set grid ytics
$rows << END
{data}
END
plot $rows using 1:2 with linespoints lw 2 pt 7 title 'handed out by rank 0', \\
     $rows using 1:3 with linespoints lw 2 pt 7 title 'sessions dealt out beforehand'
"""
    subprocess.run([shutil.which("gnuplot") or "gnuplot"], input=script, text=True, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("times")
    parser.add_argument("--sessions", type=int, default=10000)
    parser.add_argument("--fits", type=int, default=8, help="of a session on average")
    parser.add_argument("--ranks", type=int, default=1000)
    parser.add_argument("--service-us", type=float, default=12)
    parser.add_argument("--plot")
    options = parser.parse_args()
    with open(options.times) as file:
        times_s = [p["seconds"] for s in json.load(file)["sessions"] for p in s.get("parts", [])]
    service_s = 1e-6 * options.service_us
    counts = sorted({1, 10, 30, 100, 300, 3000, 10000, options.ranks})
    rows = [simulate(times_s, options.sessions, options.fits, ranks, service_s) for ranks in counts]
    chosen = next(row for row in rows if row["ranks"] == options.ranks)
    files = options.sessions * FILES_A_SESSION + chosen["fits"] * FILES_A_FIT
    print(json.dumps({**chosen, "measured_fits": len(times_s), "files": files,
                      "name_calls_per_s": NAME_CALLS_A_FIT * chosen["fits"] / chosen["makespan_s"],
                      "by_ranks": {row["ranks"]: round(row["efficiency"], 4) for row in rows}}, indent=2))
    if options.plot:
        plot(rows, options.plot)


if __name__ == "__main__":
    main()
