"""When does the population change most on each single trial? From spike counts, and from rates of the default recipe.

    python find_transition.py SESSION [KEY=VALUE...]

Draws find_transition.png. A trial's transition is where the mean rates of the 200 ms before differ most from those of the 200 ms
after; differences are of square roots, so that units that fire much do not decide alone. Where a session is simulated, its
true rates say when it was. The default recipe sees spikes on both sides of a change, which places it best; for the same
reason these times must not be taken for onsets after the stimulus.
"""
import json
import sys

import h5py
import matplotlib.pyplot as plt
import numpy as np
import rnn_rates

SIDE_MS = 200


def changes(rate_hz, time_ms):
    """(trial, edge) how much (trial, unit, bin) rates change at the edges of bins after the stimulus, and these edges, ms."""
    bin_ms = time_ms[1] - time_ms[0]
    side = round(SIDE_MS / bin_ms)
    sums = np.cumsum(np.pad(np.asarray(rate_hz, float), ((0, 0), (0, 0), (1, 0))), axis=2)
    means = np.sqrt(np.maximum(sums[:, :, side:] - sums[:, :, :-side], 0) / side)
    edges_ms = (time_ms - bin_ms / 2)[side:side + means.shape[2] - side]
    return np.linalg.norm(means[:, :, side:] - means[:, :, :-side], axis=1)[:, edges_ms > 0], edges_ms[edges_ms > 0]


def transitions_ms(rate_hz, time_ms):
    """(trial) when rates change most after the stimulus."""
    change, edges_ms = changes(rate_hz, time_ms)
    return edges_ms[change.argmax(axis=1)]


def main(session, *settings):
    settings = {key: json.loads(value) for key, value in (setting.split("=", 1) for setting in settings)}
    rates = rnn_rates.infer(session, folder="rates", settings=settings)
    time_ms = rates.time_ms.values
    found = {"spike counts": transitions_ms(rates.counts, time_ms), "rates": transitions_ms(rates.rate_hz, time_ms)}
    with h5py.File(f"{rates.folder}/bins.h5") as bins:
        truth_ms = transitions_ms(bins["true_rate_hz"][:], time_ms) if "true_rate_hz" in bins else None

    figure, (picture, summary) = plt.subplots(1, 2, figsize=(9, 3.5), width_ratios=(3, 2))
    trial = changes(rates.rate_hz, time_ms)[0].max(axis=1).argmax()
    share = rates.rate_hz[trial].values / rates.rate_hz[trial].values.max(axis=1, keepdims=True)
    shown = picture.pcolormesh(time_ms, np.arange(len(share)), share[share.argmax(axis=1).argsort()], cmap="viridis", vmin=0)
    figure.colorbar(shown, label="rate, share of the unit's highest")
    picture.axvline(found["rates"][trial], color="white", linestyle="--")
    picture.set(title=f"trial {trial} ({rates.condition[trial].item()}) and its transition", xlabel="ms from the stimulus",
                ylabel="unit, by peak")
    for name, times_ms in found.items():
        if truth_ms is None:
            summary.hist(times_ms, bins=20, alpha=0.6, label=name)
            early, middle, late = np.percentile(times_ms, [25, 50, 75])
            print(f"{name}: median {middle:.0f} ms, quartiles {early:.0f} and {late:.0f}")
        else:
            off_ms = np.abs(times_ms - truth_ms)
            summary.plot(truth_ms, times_ms, ".", alpha=0.6, label=f"{name}: off by {np.median(off_ms):.0f} ms")
            print(f"{name}: off by {np.median(off_ms):.0f} ms in the median, by more than 200 ms in {np.mean(off_ms > 200):.0%} "
                  "of trials")
    axes = {"xlabel": "transition, ms", "ylabel": "trials"} if truth_ms is None else {"xlabel": "true transition, ms",
                                                                                     "ylabel": "found, ms"}
    summary.set(**axes)
    summary.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize="small")
    figure.tight_layout()
    figure.savefig("find_transition.png", dpi=120)


if __name__ == "__main__":
    main(*sys.argv[1:])
