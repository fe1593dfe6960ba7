#!/usr/bin/env python3
"""What rank 0's handing out of fits costs on more ranks than there are here: a simulation, event by event.

    simulate_cluster.py TIMES.json [--sessions 10000] [--fits 8] [--ranks 1000] [--service-us 12] [--name-calls 30]
                        [--plot FILE.png]

TIMES.json is what `train_rnn --json --threads 1` says of real sessions. A simulated session is one of them, drawn with
replacement, with 1 to 2 FITS - 1 fits whose seconds are drawn from that one's. As in lib/mpi: the longest expected fits
go first, expected being the session's mean; rank 0 deals with one message at a time, each in SERVICE, two for each fit
and at most 100 reports of progress a second; who waits sleeps up to 5 ms between looks; a rank has a second fit in hand
until four fits a rank are left. Prints JSON: makespan against
the lower bound (all work divided by the ranks, or the longest fit), the share of the time that rank 0 is at it, waits,
the same with a rank 0 ten times as slow and for sessions dealt out beforehand; and what the run reads and writes.
"""
import argparse
import collections
import heapq
import json
import random
import shutil
import subprocess

POLL_S = 0.005
MESSAGES_A_FIT, MOST_REPORTS_PER_S = 2, 100
#: Files that end up in a session's folder (bins.h5, pca.h5, rates.h5) and for each fit (its model); pictures left out.
FILES_A_SESSION, FILES_A_FIT = 3, 1
RANKS = [1, 10, 30, 100, 300, 1000, 3000, 10000]


def draw_sessions(measured_s, count, fits):
    """[(expected seconds of a fit, [seconds of each])] of `count` sessions."""
    draw = random.Random(7)
    sessions = []
    for _ in range(count):
        times = draw.choice(measured_s)
        sessions.append((sum(times) / len(times), [draw.choice(times) for _ in range(draw.randint(1, 2 * fits - 1))]))
    return sessions


def shared(sessions, ranks, service_s):
    """Rank 0 hands the fits out. Returns makespan, the time that it is at it, the longest and the summed waits of ranks
    with nothing in hand."""
    fits = [took for _, took in sorted(((expected, took) for expected, all_s in sessions for took in all_s),
                                       key=lambda fit: -fit[0])]
    draw = random.Random(1)
    left = collections.deque(fits)
    in_hand = [collections.deque() for _ in range(ranks)]  # of each rank: (when it got there, seconds)
    ended = []  # (when, rank)
    busy = set()  # ranks that train
    free_at = makespan = longest = waits = 0.0
    answers = 0
    reports_per_s = min(ranks - 1, MOST_REPORTS_PER_S)
    # Reports come in between, so the rest of rank 0's time has to do.
    dealing_s = MESSAGES_A_FIT * service_s / (1 - reports_per_s * service_s)

    def answer(rank, asked):
        """Rank 0 sees a message of that moment and hands out what the rank may have."""
        nonlocal free_at, answers
        free_at = max(free_at, asked + (draw.uniform(0, POLL_S) if rank else 0)) + dealing_s
        answers += 1
        running = rank in busy
        while left and len(in_hand[rank]) + running < (2 if len(left) > 4 * ranks else 1):
            in_hand[rank].append((free_at + (draw.uniform(0, POLL_S) if rank else 0), left.popleft()))

    def begin(rank, now):
        nonlocal longest, waits
        if not in_hand[rank]:
            busy.discard(rank)
            return
        there, took = in_hand[rank].popleft()
        wait = max(0.0, there - now)
        longest, waits = max(longest, wait), waits + wait
        busy.add(rank)
        heapq.heappush(ended, (now + wait + took, rank))

    for rank in range(ranks):
        answer(rank, 0.0)
        begin(rank, 0.0)
    while ended:
        now, rank = heapq.heappop(ended)
        makespan = max(makespan, now)
        if in_hand[rank]:
            begin(rank, now)
            answer(rank, now)
            continue
        busy.discard(rank)
        answer(rank, now)
        begin(rank, now)
    return makespan, (MESSAGES_A_FIT * answers + reports_per_s * makespan) * service_s, longest, waits


def dealt_out(sessions, ranks):
    """Session number i goes to rank i modulo the ranks, as an array of jobs does; returns the makespan."""
    sums = [0.0] * ranks
    for number, (_, all_s) in enumerate(sessions):
        sums[number % ranks] += sum(all_s)
    return max(sums)


def simulate(sessions, ranks, service_s):
    fits = [took for _, all_s in sessions for took in all_s]
    bound = max(sum(fits) / ranks, max(fits))
    makespan, answering, longest, waits = shared(sessions, ranks, service_s)
    return {"ranks": ranks, "fits": len(fits), "core_hours": sum(fits) / 3600, "lower_bound_s": bound,
            "makespan_s": makespan, "efficiency": bound / makespan, "rank_0_answers": answering / makespan,
            "longest_wait_ms": 1e3 * longest, "mean_wait_ms": 1e3 * waits / len(fits),
            "slow_rank_0_efficiency": bound / shared(sessions, ranks, 10 * service_s)[0],
            "dealt_out_efficiency": bound / dealt_out(sessions, ranks)}


def plot(rows, title, service_us, path):
    columns = [(r["ranks"], r["lower_bound_s"], r["makespan_s"], r["lower_bound_s"] / r["dealt_out_efficiency"],
                100 * r["efficiency"], 100 * r["slow_rank_0_efficiency"], 100 * r["dealt_out_efficiency"],
                100 * r["rank_0_answers"]) for r in rows]
    data = "\n".join(" ".join(map(str, row)) for row in columns)
    script = f"""set terminal pngcairo size 1500,640 font 'DejaVu Sans,15' linewidth 1.5
set output '{path}'
$rows << END
{data}
END
shared = '#1f77b4'; slow = '#17a589'; dealt = '#d95f02'; bound = '#333333'; at_it = '#9467bd'
set border 3
set tics nomirror
set grid xtics ytics lc rgb '#dddddd' lw 0.7
set logscale x
set format x '%.0f'
set xlabel 'ranks'
set xrange [0.8:13000]
set multiplot layout 1,2 margins 0.075,0.985,0.135,0.83 spacing 0.085 title "{title}" font ',16' offset 0,-0.3
set title 'Makespan (s)'
set logscale y
set format y '%.0f'
set key bottom left reverse Left
plot $rows using 1:4 with linespoints lc rgb dealt pt 9 ps 1.3 title 'sessions dealt out beforehand', \\
     $rows using 1:3 with linespoints lc rgb shared pt 7 ps 1.3 title 'fits handed out by rank 0', \\
     $rows using 1:2 with lines lc rgb bound dt 2 title 'lower bound'
set title 'Efficiency; time that rank 0 deals with messages'
unset logscale y
set format y '%.0f%%'
set yrange [0:104]
set ytics 20
set key at graph 0.02,0.36 left top reverse Left
plot $rows using 1:5 with linespoints lc rgb shared pt 7 ps 1.3 title 'fits handed out, {service_us:.0f} µs a message', \\
     $rows using 1:6 with linespoints lc rgb slow pt 5 ps 1.2 title 'fits handed out, ten times as slow', \\
     $rows using 1:7 with linespoints lc rgb dealt pt 9 ps 1.3 title 'sessions dealt out', \\
     $rows using 1:8 with linespoints lc rgb at_it pt 2 ps 1.2 dt 3 title 'rank 0 busy, {service_us:.0f} µs'
unset multiplot
"""
    subprocess.run([shutil.which("gnuplot") or "gnuplot"], input=script, text=True, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("times")
    parser.add_argument("--sessions", type=int, default=10000)
    parser.add_argument("--fits", type=int, default=8, help="of a session on average")
    parser.add_argument("--ranks", type=int, default=1000)
    parser.add_argument("--service-us", type=float, default=12, help="of rank 0 for a message, as bench_queue says")
    parser.add_argument("--name-calls", type=float, default=30, help="calls on file names that a fit makes")
    parser.add_argument("--plot")
    options = parser.parse_args()
    with open(options.times) as file:
        measured_s = [[part["seconds"] for part in session.get("parts", [])] for session in json.load(file)["sessions"]]
    measured_s = [times for times in measured_s if times]
    sessions = draw_sessions(measured_s, options.sessions, options.fits)
    rows = [simulate(sessions, ranks, 1e-6 * options.service_us) for ranks in sorted({*RANKS, options.ranks})]
    chosen = next(row for row in rows if row["ranks"] == options.ranks)
    print(json.dumps({**chosen, "measured_fits": sum(map(len, measured_s)),
                      "measured_s": [min(map(min, measured_s)), max(map(max, measured_s))],
                      "files": options.sessions * FILES_A_SESSION + chosen["fits"] * FILES_A_FIT,
                      "name_calls_per_s": options.name_calls * chosen["fits"] / chosen["makespan_s"],
                      "by_ranks": {row["ranks"]: round(row["efficiency"], 4) for row in rows}}, indent=2))
    if options.plot:
        title = f"Training {options.sessions:,} sessions, {chosen['fits']:,} fits, simulated with measured times of fits"
        plot(rows, title.replace(",", " ").replace("  ", ", "), options.service_us, options.plot)


if __name__ == "__main__":
    main()
