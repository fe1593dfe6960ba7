#!/usr/bin/python3
"""The same figures as plot_rates draws, by matplotlib, from the same rates.h5: the peer of tests/bench/plots.sh.

    plots_matplotlib.py SESSION_OUT FOLDER FORMAT     prints the seconds that drawing and saving took
"""
import sys
import time
from pathlib import Path

import h5py
import matplotlib
import numpy as np

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402

COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555", "#661100"]


def load(out):
    """[(name, colour, counts, boxcar, rnn, latents, time, rnn time)] of each taste; (trial, unit, bin)."""
    tastes = []
    with h5py.File(out / "bins.h5") as bins, h5py.File(out / "rates.h5") as rates:
        edges = bins["bin_edges_ms"][:] - bins["stim_ms"][()]
        bin_ms = edges[1] - edges[0]
        window = np.ones(round(250 / bin_ms))
        for index, name in enumerate(bins["taste_names"][:]):
            counts = bins[f"tastes/{index:03}/counts"][:].astype(float)
            seen = np.convolve(np.ones(counts.shape[2]), window, "same")
            boxcar = np.apply_along_axis(lambda x: np.convolve(x, window, "same") / seen, 2, counts) * 1000 / bin_ms
            fit = next(fit for fit in rates["rnn_output/regions"].values() if index in fit["trial_taste"][:])
            rows = fit["trial_taste"][:] == index
            tastes.append((name.decode(), COLOURS[index % 8], counts, boxcar, fit["rate_hz"][:][rows],
                           fit["latent_out"][:][:, rows].transpose(1, 2, 0), (edges[1:] + edges[:-1]) / 2,
                           fit["time_ms"][:]))
    return tastes, bin_ms


def losses(out):
    models = sorted((out / "models").glob("*.h5"))
    figure, axes = plt.subplots(-(-len(models) // 2), 2, figsize=(10.3, 6.3), squeeze=False)
    for path, axis in zip(models, axes.flat):
        with h5py.File(path) as model:
            axis.semilogy(np.arange(1, len(model["train_loss"]) + 1), model["train_loss"][:], lw=0.8)
            axis.semilogy(model["validation_steps"][:], model["validation_loss"][:], "o-", ms=3)
        axis.set_title(path.stem)
    return figure


def mean_rates(tastes, bin_ms):
    units = tastes[0][2].shape[1]
    columns = int(np.ceil(np.sqrt(1.5 * units)))
    figure, axes = plt.subplots(-(-units // columns), columns, figsize=(2 * columns, 1.35 * -(-units // columns)))
    for unit, axis in enumerate(axes.flat[:units]):
        axis.axvline(0, ls="--", c="0.5", lw=0.8)
        for _, colour, counts, _, rnn, _, times, rnn_times in tastes:
            axis.plot(times, counts[:, unit].mean(0) * 1000 / bin_ms, c=colour, lw=0.8, alpha=0.35)
            axis.plot(rnn_times, rnn[:, unit].mean(0), c=colour, lw=1.6)
        axis.set_title(f"unit {unit:03}", fontsize=8)
    return figure


def unit_rates(tastes, unit):
    figure, axes = plt.subplots(3, len(tastes), figsize=(12.3, 6.7), sharex="col", sharey="row")
    for column, (name, colour, counts, boxcar, rnn, _, times, rnn_times) in enumerate(tastes):
        trial, at = np.nonzero(counts[:, unit])
        axes[0, column].plot(times[at], trial + 1, "|", c=colour, ms=3)
        axes[1, column].plot(times, boxcar[:, unit].T, c=colour, lw=0.8, alpha=0.13)
        axes[1, column].plot(times, boxcar[:, unit].mean(0), c=colour, lw=1.8)
        axes[2, column].plot(rnn_times, rnn[:, unit].T, c=colour, lw=0.8, alpha=0.13)
        axes[2, column].plot(rnn_times, rnn[:, unit].mean(0), c=colour, lw=1.8)
        for axis in axes[:, column]:
            axis.axvline(0, ls="--", c="0.5", lw=0.8)
        axes[0, column].set_title(name, color=colour)
    return figure


def psth(tastes, unit):
    figure, axes = plt.subplots(3, 1, figsize=(8.8, 7.2), sharex=True)
    row = 1
    for _, colour, counts, boxcar, rnn, _, times, rnn_times in tastes:
        trial, at = np.nonzero(counts[:, unit])
        axes[0].axhspan(row - 0.5, row + len(counts) - 0.5, color=colour, alpha=0.09, lw=0)
        axes[0].plot(times[at], trial + row, "|", c=colour, ms=2)
        row += len(counts)
        for axis, time_ms, rate in ((axes[1], times, boxcar[:, unit]), (axes[2], rnn_times, rnn[:, unit])):
            mean, deviation = rate.mean(0), rate.std(0, ddof=1)
            axis.fill_between(time_ms, mean - deviation, mean + deviation, color=colour, alpha=0.18, lw=0)
            axis.plot(time_ms, mean, c=colour, lw=1.8)
    for axis in axes:
        axis.axvline(0, ls="--", c="0.5", lw=0.8)
    return figure


def unit_heat(tastes, unit):
    figure, axes = plt.subplots(1, 3, figsize=(13, 5))
    for axis, index in zip(axes, (2, 3, 4)):
        image = axis.imshow(np.concatenate([taste[index][:, unit] for taste in tastes]), aspect="auto",
                            interpolation="nearest", extent=(tastes[0][6][0], tastes[0][6][-1], 0, 1))
        figure.colorbar(image, ax=axis)
    return figure


def overview(tastes):
    units = tastes[0][2].shape[1]
    columns = int(np.ceil(np.sqrt(1.6 * units / 2))) * 2
    rows = -(-2 * units // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(1.4 * columns, 1.6 * rows))
    for unit in range(units):
        for k, index in enumerate((2, 4)):
            axes.flat[2 * unit + k].imshow(np.concatenate([taste[index][:, unit] for taste in tastes]), aspect="auto")
    return figure


def mean_heat(tastes, bin_ms):
    figure, axes = plt.subplots(4, len(tastes), figsize=(11, 10))
    for column, taste in enumerate(tastes):
        for row, mean in enumerate((taste[2].mean(0) * 1000 / bin_ms, taste[4].mean(0))):
            axes[row, column].imshow(mean, aspect="auto")
            z = (mean - mean.mean(1, keepdims=True)) / (mean.std(1, keepdims=True) + 1e-9)
            axes[row + 2, column].imshow(z, aspect="auto", cmap="RdBu_r", vmin=-3, vmax=3)
    for row in range(4):
        figure.colorbar(axes[row, -1].images[0], ax=axes[row, -1])
    return figure


def latents(tastes):
    factors = min(tastes[0][5].shape[1], 12)
    figure, axes = plt.subplots(len(tastes), factors, figsize=(12.7, 7.6), squeeze=False)
    for row, taste in enumerate(tastes):
        for factor in range(factors):
            axes[row, factor].imshow(taste[5][:, factor], aspect="auto", cmap="RdBu_r", vmin=-1, vmax=1)
    return figure


def main(out, folder, extension):
    out, folder = Path(out), Path(folder)
    tastes, bin_ms = load(out)
    units = range(tastes[0][2].shape[1])
    makers = {"losses": lambda: losses(out), "mean_rates": lambda: mean_rates(tastes, bin_ms),
              "overview": lambda: overview(tastes), "mean_heat": lambda: mean_heat(tastes, bin_ms),
              "latents": lambda: latents(tastes)}
    for unit in units:
        makers[f"units_{unit:03}"] = lambda unit=unit: unit_rates(tastes, unit)
        makers[f"psth_{unit:03}"] = lambda unit=unit: psth(tastes, unit)
        makers[f"unit_heat_{unit:03}"] = lambda unit=unit: unit_heat(tastes, unit)
    start = time.monotonic()
    for name, make in makers.items():
        figure = make()
        figure.savefig(folder / f"{name}.{extension}", dpi=144)
        plt.close(figure)
    print(f"{len(makers)} {time.monotonic() - start:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
