"""When can the taste of a single trial be told? From spike counts, and from rates that look back in time only.

    python decode_taste.py SESSION [KEY=VALUE...]

Draws decode_taste.png. A window's accuracy stands at the window's end: nothing after it went into the counts or, as
configs/causal.toml looks back only, into the rates. Each rate is from the network that did not learn from its trial.
"""
import json
import sys

import matplotlib.pyplot as plt
import numpy as np
import rnn_rates
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

WINDOW_MS, STEP_MS = 250, 50


def accuracy(values, taste):
    """Share of trials whose taste is told from (trial, unit) values, by a decoder that was trained on others."""
    decoder = make_pipeline(StandardScaler(), RidgeClassifier(alpha=len(taste) / 10))
    return cross_val_score(decoder, values, taste, cv=StratifiedKFold(5, shuffle=True, random_state=0)).mean()


def main(session, *settings):
    settings = {key: json.loads(value) for key, value in (setting.split("=", 1) for setting in settings)}
    rates = rnn_rates.infer(session, config="causal", folder="causal_rates", settings=settings)
    assert rates.rate_out_of_fold_hz.uses_future_ms == 0 and not rates.rate_out_of_fold_hz.uses_condition_label
    taste, bin_ms = rates.condition.values, float(rates.time_ms[1] - rates.time_ms[0])
    ends_ms = np.arange(float(rates.time_ms[0]) - bin_ms / 2 + WINDOW_MS, float(rates.time_ms[-1]) + bin_ms, STEP_MS)
    told = {"spike counts": [], "rates (causal.toml)": []}
    for end_ms in ends_ms:
        window = rates.sel(time_ms=slice(end_ms - WINDOW_MS, end_ms))
        told["spike counts"].append(accuracy(window.counts.sum("time_ms").values, taste))
        told["rates (causal.toml)"].append(accuracy(window.rate_out_of_fold_hz.mean("time_ms").values, taste))

    chance = max(np.mean(taste == each) for each in np.unique(taste))
    significant = chance + 2.6 * np.sqrt(chance * (1 - chance) / len(taste))  # binomial, p = .005 of one window
    for name, shares in told.items():
        line, = plt.plot(ends_ms, shares, label=name)
        late = np.flatnonzero((np.array(shares) > significant) & (ends_ms > 0))
        since = f"above chance from {ends_ms[late[0]]:.0f} ms on" if len(late) else "never above chance"
        before = np.mean(np.array(shares)[ends_ms <= 0])
        print(f"{name}: {before:.2f} before the stimulus (chance {chance:.2f}), at most {max(shares):.2f}; {since}")
    plt.axhline(chance, color="grey", linestyle=":")
    plt.axvline(0, color="grey", linewidth=0.8)
    plt.xlabel(f"end of the window of {WINDOW_MS} ms, ms from the stimulus")
    plt.ylabel("share of trials told")
    plt.ylim(0, 1.02)
    plt.legend(frameon=False)
    plt.gcf().set_size_inches(6, 3.5)
    plt.tight_layout()
    plt.savefig("decode_taste.png", dpi=120)


if __name__ == "__main__":
    main(*sys.argv[1:])
