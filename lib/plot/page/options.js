"use strict";
// ECharts options of the page's charts, from the state: what is chosen in the menus.

const ink = "#222222", quiet = "#555555", faint = "#d9d9d9";
const rasterGrid = 0, rnnGrid = 1, boxcarGrid = 2;
const common = { animation: false, textStyle: { fontFamily: "sans-serif", color: ink } };

/** [x, y] pairs. */
const points = (times, values) => times.map((time, bin) => [time, values[bin]]);

/** Curves of several trials as one line with gaps. */
const gapped = (times, trials) => trials.flatMap((values) => [...points(times, values), [NaN, NaN]]);

function line(grid, data, style) {
  return { type: "line", xAxisIndex: grid, yAxisIndex: grid, data, symbol: "none", silent: true, z: style.z || 3,
           lineStyle: { width: 2, ...style }, itemStyle: { color: style.color }, emphasis: { disabled: true } };
}

/** The area between two curves: an invisible line with a filled one stacked on it. */
function band(grid, times, low, high, color, name) {
  const stack = { stack: `${name}${grid}`, stackStrategy: "all" };
  const hidden = { ...line(grid, points(times, low), { opacity: 0, color, z: 2 }), ...stack };
  const filled = { ...line(grid, times.map((time, bin) => [time, high[bin] - low[bin]]), { opacity: 0, color, z: 2 }),
                   ...stack, areaStyle: { color, opacity: 0.16 } };
  return [hidden, filled];
}

/** Series that carries a panel's stimulus line and the trials' coloured backgrounds. */
function furniture(grid, areas = []) {
  return { type: "line", xAxisIndex: grid, yAxisIndex: grid, data: [], silent: true,
           markLine: { silent: true, symbol: "none", label: { show: false }, data: [{ xAxis: 0 }],
                       lineStyle: { color: "#888888", type: "dashed", width: 1 } },
           markArea: { silent: true, data: areas } };
}

/** The trials shown, from top to bottom: [{tasteIndex, trial}]. */
function rasterRows(state) {
  return shownTastes(state).flatMap((tasteIndex) => {
    const taste = page.regions[state.region].tastes[tasteIndex];
    return Array.from({ length: taste.spikes.trials }, (_, trial) => ({ tasteIndex, trial }));
  });
}

function shownTastes(state) {
  return state.taste >= 0 ? [state.taste] : page.regions[state.region].tastes.map((_, index) => index);
}

function rasterSeries(state, height) {
  const region = page.regions[state.region], rows = rasterRows(state);
  const row = height / Math.max(rows.length, 1), rowPx = row < 3 ? Math.max(1, row) : 0.8 * row;
  const series = [], areas = [];
  shownTastes(state).forEach((tasteIndex) => {
    const taste = region.tastes[tasteIndex], data = [];
    const first = rows.findIndex((row) => row.tasteIndex === tasteIndex);
    for (let trial = 0; trial < taste.spikes.trials; ++trial) {
      taste.spikes.trial(trial, state.unit).forEach((time) => data.push([time, first + trial + 1]));
    }
    if (first >= 0) {
      areas.push([{ yAxis: first + 0.5, itemStyle: { color: taste.colour, opacity: 0.07 } },
                  { yAxis: first + taste.spikes.trials + 0.5 }]);
    }
    series.push({ type: "scatter", xAxisIndex: rasterGrid, yAxisIndex: rasterGrid, data, symbol: "rect", silent: true,
                  symbolSize: [1.2, rowPx], progressive: 0, itemStyle: { color: taste.colour, opacity: 1 } });
  });
  const chosen = rows.findIndex((row) => row.tasteIndex === state.trialTaste && row.trial === state.trial);
  if (chosen >= 0) {
    areas.push([{ yAxis: chosen + 0.5, itemStyle: { color: "#ffd54a", opacity: 0.75 } }, { yAxis: chosen + 1.5 }]);
  }
  return [furniture(rasterGrid, areas), ...series];
}

function rateSeries(state, grid, kind) {
  const region = page.regions[state.region];
  const chosen = state.trial >= 0;
  const series = [furniture(grid)];
  for (const tasteIndex of shownTastes(state)) {
    const taste = region.tastes[tasteIndex], rates = ratesOf(state.region, state.unit, tasteIndex, kind);
    if (!rates.trials.length) continue;
    const times = timeOf(taste, kind), color = taste.colour;
    if (state.show === "trials") {
      const opacity = Math.min(0.6, Math.max(0.2, 6 / rates.trials.length));
      series.push(line(grid, gapped(times, rates.trials), { color, width: 1, opacity: chosen ? Math.max(0.12, opacity / 2) : opacity, z: 2 }));
    } else {
      const low = rates.mean.map((mean, bin) => mean - rates.deviation[bin]);
      const high = rates.mean.map((mean, bin) => mean + rates.deviation[bin]);
      series.push(...band(grid, times, low, high, color, `sd${tasteIndex}`));
    }
    series.push(line(grid, points(times, rates.mean), { color, width: chosen ? 1.2 : 2.4, opacity: chosen ? 0.6 : 1 }));
  }
  if (chosen) series.push(...trialSeries(state, grid, kind));
  return series;
}

/** The chosen trial, with what else is known of it: true rate, standard error, out-of-fold rate. */
function trialSeries(state, grid, kind) {
  const taste = page.regions[state.region].tastes[state.trialTaste];
  const times = timeOf(taste, kind), values = kinds[kind](taste, state.trial, state.unit);
  const series = [];
  if (kind === "rnn" && taste.error) {
    const error = taste.error.trial(state.trial, state.unit);
    // Errors are of the log rate, times the rate.
    const factor = values.map((value, bin) => (value > 0 ? Math.exp(error[bin] / value) : 1));
    series.push(...band(grid, times, values.map((value, bin) => value / factor[bin]),
                        values.map((value, bin) => value * factor[bin]), taste.colour, "error"));
  }
  series.push(line(grid, points(times, values), { color: taste.colour, width: 3, z: 5 }));
  if (kind === "rnn" && taste.outOfFold) {
    series.push(line(grid, points(times, taste.outOfFold.trial(state.trial, state.unit)),
                     { color: taste.colour, width: 1.4, type: "dashed", z: 5 }));
  }
  if (taste.truth) {
    series.push(line(grid, points(taste.time_ms, taste.truth.trial(state.trial, state.unit)),
                     { color: "#000000", width: 1.6, z: 6 }));
  }
  return series;
}

/** A round number at or above the highest rate that is drawn, and at or below the lowest. */
function rateLimits(state) {
  let low = 0, high = 1;
  const include = (value) => { if (Number.isFinite(value)) { low = Math.min(low, value); high = Math.max(high, value); } };
  for (const kind of ["boxcar", "rnn"]) {
    for (const tasteIndex of shownTastes(state)) {
      const rates = ratesOf(state.region, state.unit, tasteIndex, kind);
      rates.mean.forEach((mean, bin) => { include(mean + rates.deviation[bin]); if (kind === "rnn") include(mean); });
      if (state.show === "trials") rates.trials.forEach((values) => values.forEach(include));
    }
    if (state.trial < 0) continue;
    const taste = page.regions[state.region].tastes[state.trialTaste];
    kinds[kind](taste, state.trial, state.unit).forEach(include);
    if (taste.truth) taste.truth.trial(state.trial, state.unit).forEach(include);
  }
  const power = 10 ** Math.floor(Math.log10(high - low));
  const step = [0.1, 0.2, 0.5, 1].map((factor) => factor * power).find((size) => (high - low) / size <= 10);
  return { min: Math.floor(low / step) * step, max: Math.ceil(high / step) * step };
}

function timeAxis(grid, taste, labels) {
  const half = page.bin_ms / 2;
  return { type: "value", gridIndex: grid, min: taste.time_ms[0] - half, max: taste.time_ms[taste.time_ms.length - 1] + half,
           axisLabel: { show: labels, color: quiet, hideOverlap: true, formatter: String, showMinLabel: false, showMaxLabel: false },
           axisTick: { show: labels }, splitLine: { show: false }, axisLine: { onZero: false },
           name: labels ? "time from stimulus (ms)" : "", nameLocation: "middle", nameGap: 28,
           nameTextStyle: { color: ink, fontSize: 13 },
           axisPointer: { show: true, snap: false, triggerEmphasis: false, label: { show: false }, lineStyle: { color: quiet } } };
}

function valueAxis(grid, name, more = {}) {
  return { type: "value", gridIndex: grid, name, nameLocation: "middle", nameGap: 44, nameTextStyle: { color: ink, fontSize: 13 },
           axisLabel: { color: quiet }, splitLine: { lineStyle: { color: "#eeeeee" } }, axisLine: { show: true, onZero: false },
           ...more };
}

/** Rows of trials from top to bottom, counted from 1. */
function trialAxis(grid, name, trials) {
  const customValues = [1, ...roundTicks(1, Math.max(trials, 1)).filter((tick) => tick > 1)];
  const axis = valueAxis(grid, name, { inverse: true, min: 0.5, max: Math.max(trials, 1) + 0.5, splitLine: { show: false } });
  return { ...axis, axisLabel: { ...axis.axisLabel, customValues, hideOverlap: true }, axisTick: { customValues } };
}

/** Axis of rates with round numbers only. */
function rateAxis(grid, name, { min, max }) {
  const customValues = roundTicks(min, max), axis = valueAxis(grid, name, { min, max });
  return { ...axis, axisLabel: { ...axis.axisLabel, customValues }, axisTick: { customValues }, splitLine: { show: false } };
}

/** Raster, inferred and boxcar rates, one below another on one axis of time. */
function unitOption(state, height, zoom) {
  const taste = page.regions[state.region].tastes[0], rows = rasterRows(state).length;
  const panel = Math.floor((height - 150) / 3), tops = [10, 10 + panel + 24, 10 + 2 * (panel + 24)];
  const limits = rateLimits(state);
  return {
    ...common,
    // ECharts would make a panel with longer labels narrower than the others.
    grid: tops.map((top) => ({ left: 64, right: 18, top, height: panel, outerBoundsMode: "none" })),
    xAxis: tops.map((_, grid) => timeAxis(grid, taste, grid === tops.length - 1)),
    yAxis: [trialAxis(rasterGrid, page.raster_label, rows), rateAxis(rnnGrid, "inferred (Hz)", limits),
            rateAxis(boxcarGrid, `${page.boxcar_ms} ms boxcar (Hz)`, limits)],
    axisPointer: { link: [{ xAxisIndex: "all" }], triggerOn: "none" },
    dataZoom: [{ type: "inside", xAxisIndex: [0, 1, 2], filterMode: "none", zoomOnMouseWheel: "ctrl", ...zoom },
               { type: "slider", xAxisIndex: [0, 1, 2], filterMode: "none", bottom: 6, height: 22,
                 labelFormatter: (value) => `${Math.round(value)} ms`, ...zoom }],
    series: [...rasterSeries(state, panel), ...rateSeries(state, rnnGrid, "rnn"), ...rateSeries(state, boxcarGrid, "boxcar")],
  };
}

/** Latent factors of the chosen trial or, without one, their mean over the trials of the first taste shown. */
function latentsOption(state, zScored) {
  const region = page.regions[state.region];
  const tasteIndex = state.trial >= 0 ? state.trialTaste : shownTastes(state)[0];
  const taste = region.tastes[tasteIndex], series = [furniture(0)];
  for (let factor = 0; taste.latents && factor < taste.latents.rows; ++factor) {
    const all = Array.from({ length: taste.latents.trials }, (_, trial) => taste.latents.trial(trial, factor));
    let values = state.trial >= 0 ? all[state.trial] : overTrials(all).mean;
    if (zScored) {
      const flat = all.flatMap((trial) => [...trial]), mean = flat.reduce((sum, value) => sum + value, 0) / flat.length;
      const sd = Math.sqrt(flat.reduce((sum, value) => sum + (value - mean) ** 2, 0) / flat.length) || 1;
      values = values.map((value) => (value - mean) / sd);
    }
    const { length } = page.factor_colours, color = page.factor_colours[factor % length];
    series.push({ ...line(0, points(taste.rnn_time_ms, values),
                          { color, width: 1.6, type: factor < length ? "solid" : "dashed" }),
                  name: `factor ${factor + 1}` });
  }
  return { ...common, grid: { left: 64, right: 18, top: 40, bottom: 48 }, legend: { type: "scroll", top: 4, textStyle: { color: ink } },
           xAxis: { ...timeAxis(0, taste, true), axisPointer: { show: false } },
           yAxis: valueAxis(0, zScored ? "latent factor (z)" : "latent factor", { scale: true }), series };
}

/** About five round numbers in an interval, for an axis whose own ticks would be powers of ten only. */
function roundTicks(low, high) {
  const power = 10 ** Math.floor(Math.log10((high - low) / 5));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => (high - low) / size <= 6);
  const ticks = [];
  for (let k = Math.ceil(low / step); k * step <= high; ++k) ticks.push(Number((k * step).toPrecision(10)));
  return ticks;
}

function lossAxis(logarithmic) {
  const values = page.losses.flatMap((fit) => [...fit.train, ...fit.validation].map((point) => point[1]));
  const axis = valueAxis(0, "loss", { scale: true });
  if (!logarithmic || !values.length || values.some((value) => value <= 0)) return axis;
  const min = Math.min(...values) / 1.02, max = Math.max(...values) * 1.02;
  const decades = [];
  for (let power = Math.ceil(Math.log10(min)); power <= Math.log10(max); ++power) decades.push(10 ** power);
  const customValues = decades.length > 1 ? decades : roundTicks(min, max);
  return { ...axis, type: "log", min, max, axisLabel: { ...axis.axisLabel, customValues, formatter: String },
           axisTick: { customValues }, splitLine: { show: false } };
}

/** Losses of all fits; of several networks of one fit, several lines of one colour. */
function lossesOption(logarithmic) {
  const series = page.losses.flatMap((fit) => [
    { ...line(0, fit.train, { color: fit.colour, width: 1, opacity: 0.45 }), name: fit.name },
    { ...line(0, fit.validation, { color: fit.colour, width: 2.2 }), name: fit.name },
    { type: "scatter", name: fit.name, data: fit.best, silent: true, symbolSize: 9,
      itemStyle: { color: "#ffffff", borderColor: fit.colour, borderWidth: 2 }, z: 6 },
  ]);
  return { ...common, grid: { left: 64, right: 18, top: 40, bottom: 48 },
           legend: { type: "scroll", top: 4, textStyle: { color: ink }, data: [...new Set(page.losses.map((fit) => fit.name))] },
           xAxis: { type: "value", name: "training step", nameLocation: "middle", nameGap: 28, nameTextStyle: { color: ink, fontSize: 13 },
                    axisLabel: { color: quiet, hideOverlap: true, formatter: String }, splitLine: { show: false }, max: "dataMax" },
           yAxis: lossAxis(logarithmic), series };
}

/** Red, green and blue of the figures' scale of rates, from 0 to the highest. */
const heatColours = page.heat_colours.map((hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)));

function heatColour(share) {
  const at = Math.min(1, Math.max(0, share)) * (heatColours.length - 1), below = Math.min(Math.floor(at), heatColours.length - 2);
  return heatColours[below].map((from, channel) => Math.round(from + (heatColours[below + 1][channel] - from) * (at - below)));
}

/** A canvas with a block of pixels for each value (row, bin); bins without one, or not recorded, stay white. */
function heatImage(rows, bins, high) {
  const wide = 8, tall = Math.max(1, Math.ceil(480 / rows.length)), canvas = document.createElement("canvas");
  canvas.width = bins * wide;
  canvas.height = rows.length * tall;
  const context = canvas.getContext("2d");
  rows.forEach((values, row) => values.forEach((value, index) => {
    if (!Number.isFinite(value)) return;
    context.fillStyle = `rgb(${heatColour(value / high).join()})`;
    context.fillRect((bins - values.length + index) * wide, row * tall, wide, tall);
  }));
  return canvas;
}

/** Boxcar and inferred rates side by side, trials by time, on one scale of colours. */
function heatOption(state, width, height) {
  const taste = page.regions[state.region].tastes[0], trials = rasterRows(state), left = 64, top = 34, gap = 50, bar = 70;
  const rates = ["boxcar", "rnn"].map((kind) => trials.map(({ tasteIndex, trial }) => (
    ratesOf(state.region, state.unit, tasteIndex, kind).trials[trial])));
  const high = rates.flat().reduce((most, values) => Math.max(most, ...values.filter(Number.isFinite)), 1);
  const wide = (width - left - gap - bar) / 2, tall = height - top - 48;
  const lefts = [left, left + wide + gap];
  return { ...common, grid: lefts.map((x) => ({ left: x, width: wide, top, height: tall })),
           title: [`${page.boxcar_ms} ms boxcar (Hz)`, "inferred (Hz)"].map((text, grid) => (
             { text, top: 4, left: lefts[grid] + wide / 2, textAlign: "center", textStyle: { fontSize: 13, fontWeight: "normal", color: ink } })),
           xAxis: [0, 1].map((grid) => timeAxis(grid, taste, true)),
           yAxis: [0, 1].map((grid) => trialAxis(grid, grid ? "" : "trial", trials.length)),
           graphic: rates.map((rows, grid) => ({ type: "image", left: lefts[grid], top, silent: true, z: -1,
                                                style: { image: heatImage(rows, taste.time_ms.length, high), width: wide, height: tall } })),
           visualMap: { type: "continuous", min: 0, max: high, right: 8, top, itemHeight: 160, text: [high.toFixed(1), "0"], calculable: false,
                        inRange: { color: page.heat_colours }, textStyle: { color: quiet }, seriesIndex: [] },
           series: [furniture(0), furniture(1)] };
}
