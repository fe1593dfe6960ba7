"use strict";
// Lines, bands, axes and images that the page's charts are made of, as ECharts has them.

const theme = {};

/** Colours of the page's style sheet, light or dark. */
function readTheme() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["ink", "quiet", "line", "paper", "panel"]) theme[name] = style.getPropertyValue(`--${name}`).trim();
}

const commonOption = () => ({ animation: false, backgroundColor: theme.paper, textStyle: { fontFamily: "sans-serif", color: theme.ink } });

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
                   ...stack, areaStyle: { color, opacity: 0.2 } };
  return [hidden, filled];
}

/** Series that carries a panel's stimulus line and the trials' coloured backgrounds. */
function furniture(grid, areas = []) {
  return { type: "line", xAxisIndex: grid, yAxisIndex: grid, data: [], silent: true, z: 4,
           markLine: { silent: true, symbol: "none", label: { show: false }, data: [{ xAxis: 0 }],
                       lineStyle: { color: "#888888", type: "dashed", width: 1 } },
           markArea: { silent: true, data: areas } };
}

/** A mark per spike; `spikes` are [time, row] and rows `rowPx` apart. Many are drawn the quick way. */
function spikeMarks(grid, spikes, color, rowPx, many = spikes.length > 5000) {
  return { type: "scatter", xAxisIndex: grid, yAxisIndex: grid, data: spikes, symbol: "rect", silent: true, progressive: 0,
           large: many, largeThreshold: 0, symbolSize: [1.2, rowPx < 3 ? Math.max(1, rowPx) : 0.8 * rowPx], itemStyle: { color, opacity: 1 } };
}

/** About five round numbers in an interval, for an axis whose own ticks would be powers of ten only. */
function roundTicks(low, high) {
  const power = 10 ** Math.floor(Math.log10((high - low) / 5));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => (high - low) / size <= 6);
  const ticks = [];
  for (let k = Math.ceil(low / step); k * step <= high; ++k) ticks.push(Number((k * step).toPrecision(10)));
  return ticks;
}

function timeAxis(grid, taste, labels) {
  const half = page.bin_ms / 2;
  return { type: "value", gridIndex: grid, min: taste.time_ms[0] - half, max: taste.time_ms[taste.time_ms.length - 1] + half,
           axisLabel: { show: labels, color: theme.quiet, hideOverlap: true, formatter: String, showMinLabel: false, showMaxLabel: false },
           axisTick: { show: labels }, splitLine: { show: false }, axisLine: { onZero: false, lineStyle: { color: theme.quiet } },
           name: labels ? "time from stimulus (ms)" : "", nameLocation: "middle", nameGap: 28,
           nameTextStyle: { color: theme.ink, fontSize: 13 },
           axisPointer: { show: true, snap: false, triggerEmphasis: false, label: { show: false }, lineStyle: { color: theme.quiet } } };
}

function valueAxis(grid, name, more = {}) {
  return { type: "value", gridIndex: grid, name, nameLocation: "middle", nameGap: 44, nameTextStyle: { color: theme.ink, fontSize: 13 },
           axisLabel: { color: theme.quiet }, splitLine: { lineStyle: { color: theme.line } },
           axisLine: { show: true, onZero: false, lineStyle: { color: theme.quiet } }, ...more };
}

/** Rows from top to bottom, counted from 1. */
function rowAxis(grid, name, rows) {
  const customValues = [1, ...roundTicks(1, Math.max(rows, 1)).filter((tick) => tick > 1)];
  const axis = valueAxis(grid, name, { inverse: true, min: 0.5, max: Math.max(rows, 1) + 0.5, splitLine: { show: false } });
  return { ...axis, axisLabel: { ...axis.axisLabel, customValues, hideOverlap: true }, axisTick: { customValues } };
}

/** Rows from top to bottom by name; names that would overlap are left out. */
function namedRowAxis(grid, name, names) {
  const axis = rowAxis(grid, name, names.length), customValues = names.map((_, row) => row + 1);
  return { ...axis, nameGap: 92, axisTick: { show: false },
           axisLabel: { ...axis.axisLabel, customValues, width: 80, overflow: "truncate", fontSize: 11, formatter: (row) => names[row - 1] ?? "" } };
}

/** Axis of rates with round numbers only. */
function rateAxis(grid, name, { min, max }) {
  const customValues = roundTicks(min, max), axis = valueAxis(grid, name, { min, max });
  return { ...axis, axisLabel: { ...axis.axisLabel, customValues }, axisTick: { customValues }, splitLine: { show: false } };
}

/** Red, green and blue of the figures' scale of rates, from 0 to the highest. */
const heatColours = page.heat_colours.map((hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)));

function heatColour(share) {
  const at = Math.min(1, Math.max(0, share)) * (heatColours.length - 1), below = Math.min(Math.floor(at), heatColours.length - 2);
  return heatColours[below].map((from, channel) => Math.round(from + (heatColours[below + 1][channel] - from) * (at - below)));
}

/** A canvas with a block of pixels for each share (row, bin) of the highest colour; what is not known stays open. */
function heatImage(rows, bins) {
  const wide = 8, tall = Math.max(1, Math.ceil(480 / rows.length)), canvas = document.createElement("canvas");
  canvas.width = bins * wide;
  canvas.height = rows.length * tall;
  const context = canvas.getContext("2d");
  rows.forEach((shares, row) => shares.forEach((share, index) => {
    if (!Number.isFinite(share)) return;
    context.fillStyle = `rgb(${heatColour(share).join()})`;
    context.fillRect((bins - shares.length + index) * wide, row * tall, wide, tall);
  }));
  return canvas;
}

/** Series that draws shares (row, bin) as a heat map, rows from 1 on, and stays in place when zoomed. */
function heatSeries(grid, rows, taste) {
  const image = heatImage(rows, taste.time_ms.length), half = page.bin_ms / 2;
  const from = [taste.time_ms[0] - half, 0.5], to = [taste.time_ms[taste.time_ms.length - 1] + half, rows.length + 0.5];
  const renderItem = (_, api) => {
    const [x, y] = api.coord(from), [right, bottom] = api.coord(to);
    return { type: "image", style: { image, x, y, width: right - x, height: bottom - y } };
  };
  return { type: "custom", xAxisIndex: grid, yAxisIndex: grid, data: [from], clip: true, silent: true, z: 1, renderItem };
}

/** Colour bar of rates or shares from 0 to `high`. */
const colourBar = (high, text, place) => ({ type: "continuous", min: 0, max: high, itemHeight: 120, itemWidth: 12, text: [text, "0"], calculable: false,
  inRange: { color: page.heat_colours }, textStyle: { color: theme.quiet }, seriesIndex: [], ...place });
