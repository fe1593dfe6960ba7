"use strict";
// Raster, PSTH and inferred rates of one unit, one below another on one axis of time.

const rasterGrid = 0, psthGrid = 1, rnnGrid = 2;
/** Of more conditions than this, mean rates are rows of a heat map. */
const mostCurves = 8;

function shownTastes(state) {
  return state.taste >= 0 ? [state.taste] : page.regions[state.region].tastes.map((_, index) => index);
}

/** The trials shown, from top to bottom: [{tasteIndex, trial}]. */
function rasterRows(state) {
  return shownTastes(state).flatMap((tasteIndex) => {
    const taste = page.regions[state.region].tastes[tasteIndex];
    return Array.from({ length: taste.spikes.trials }, (_, trial) => ({ tasteIndex, trial }));
  });
}

function rasterSeries(state, height) {
  const region = page.regions[state.region], rows = rasterRows(state), rowPx = height / Math.max(rows.length, 1);
  const series = [], areas = [];
  const many = rows.reduce((sum, { tasteIndex, trial }) => sum + region.tastes[tasteIndex].spikes.trial(trial, state.unit).length, 0) > 5000;
  let first = 0;
  for (const tasteIndex of shownTastes(state)) {
    const taste = region.tastes[tasteIndex], data = [];
    for (let trial = 0; trial < taste.spikes.trials; ++trial) {
      taste.spikes.trial(trial, state.unit).forEach((time) => data.push([time, first + trial + 1]));
    }
    areas.push([{ yAxis: first + 0.5, itemStyle: { color: taste.colour, opacity: 0.07 } }, { yAxis: first + taste.spikes.trials + 0.5 }]);
    series.push(spikeMarks(rasterGrid, data, taste.colour, rowPx, many));
    first += taste.spikes.trials;
  }
  const chosen = rows.findIndex((row) => row.tasteIndex === state.trialTaste && row.trial === state.trial);
  if (chosen >= 0) {
    areas.push([{ yAxis: chosen + 0.5, itemStyle: { color: "#ffd54a", opacity: 0.75 } }, { yAxis: chosen + 1.5 }]);
  }
  return [furniture(rasterGrid, areas), ...series];
}

/** Half the width of the band about a mean: none where trials are drawn. */
function spreadOf(state, rates) {
  return state.show === "sd" ? rates.deviation : rates.error;
}

function meanSeries(state, grid, kind) {
  const region = page.regions[state.region], chosen = state.trial >= 0, series = [];
  for (const tasteIndex of shownTastes(state)) {
    const taste = region.tastes[tasteIndex], rates = ratesOf(state.region, state.unit, tasteIndex, kind);
    if (!rates.trials.length) continue;
    const times = timeOf(taste, kind), color = taste.colour;
    if (state.show === "trials" && kind === "rnn") {
      const opacity = Math.min(0.6, Math.max(0.2, 6 / rates.trials.length));
      series.push(line(grid, gapped(times, rates.trials), { color, width: 1, opacity: chosen ? Math.max(0.12, opacity / 2) : opacity, z: 2 }));
    } else {
      const spread = spreadOf(state, rates);
      series.push(...band(grid, times, rates.mean.map((mean, bin) => mean - spread[bin]), rates.mean.map((mean, bin) => mean + spread[bin]),
                          color, `spread${tasteIndex}`));
    }
    series.push(line(grid, points(times, rates.mean), { color, width: chosen ? 1.2 : 2.4, opacity: chosen ? 0.6 : 1 }));
  }
  return series;
}

function methodColour(methods, key, taste) {
  if (key === "rnn" || key === "outOfFold") return taste.colour;
  if (key === "truth") return theme.ink;
  const others = page.factor_colours.filter((colour) => colour !== taste.colour);
  return others[methods.filter((method) => method.key !== "outOfFold").findIndex((method) => method.key === key) % others.length];
}

/** The methods that are ticked, over the chosen trial. */
function trialSeries(state) {
  const taste = page.regions[state.region].tastes[state.trialTaste], methods = methodsOf(taste), series = [];
  for (const { key, dashed, times, rate } of methods) {
    if (!state.methods.has(key)) continue;
    const values = rate(state.trial, state.unit), color = methodColour(methods, key, taste);
    if (key === "rnn" && taste.error) series.push(...errorBand(taste, values, state));
    const width = { rnn: 3, truth: 1.6 }[key] ?? 1.8;
    series.push(line(rnnGrid, points(times, values), { color, width: dashed ? 1.4 : width, type: dashed ? "dashed" : "solid", z: key === "truth" ? 6 : 5 }));
  }
  return series;
}

/** Errors are of the log rate, times the rate. */
function errorBand(taste, values, state) {
  const error = taste.error.trial(state.trial, state.unit);
  const factor = values.map((value, bin) => (value > 0 ? Math.exp(error[bin] / value) : 1));
  return band(rnnGrid, taste.rnn_time_ms, values.map((value, bin) => value / factor[bin]), values.map((value, bin) => value * factor[bin]),
              taste.colour, "error");
}

/** A round number at or above the highest rate that is drawn, and at or below the lowest. */
function rateLimits(state) {
  let low = 0, high = 1;
  const include = (value) => { if (Number.isFinite(value)) { low = Math.min(low, value); high = Math.max(high, value); } };
  for (const kind of ["psth", "rnn"]) {
    for (const tasteIndex of shownTastes(state)) {
      const rates = ratesOf(state.region, state.unit, tasteIndex, kind), spread = spreadOf(state, rates);
      rates.mean.forEach((mean, bin) => { include(mean + spread[bin]); if (kind === "rnn") include(mean); });
      if (state.show === "trials" && kind === "rnn") rates.trials.forEach((values) => values.forEach(include));
    }
  }
  if (state.trial >= 0) {
    for (const { key, rate } of methodsOf(page.regions[state.region].tastes[state.trialTaste])) {
      if (state.methods.has(key)) rate(state.trial, state.unit).forEach(include);
    }
  }
  const power = 10 ** Math.floor(Math.log10(high - low));
  const step = [0.1, 0.2, 0.5, 1].map((factor) => factor * power).find((size) => (high - low) / size <= 10);
  return { min: Math.floor(low / step) * step, max: Math.ceil(high / step) * step };
}

/** Mean rates of many conditions as rows of two heat maps on one scale; a chosen trial keeps the curves. */
function isHeatOfMeans(state) {
  return shownTastes(state).length > mostCurves && state.trial < 0;
}

function heatOfMeans(state) {
  const { tastes } = page.regions[state.region];
  const means = ["psth", "rnn"].map((kind) => tastes.map((_, index) => ratesOf(state.region, state.unit, index, kind).mean));
  const high = means.flat().reduce((most, values) => values.reduce((a, b) => (b > a ? b : a), most), 1);
  const series = means.map((rows, i) => heatSeries([psthGrid, rnnGrid][i], rows.map((values) => values.map((value) => value / high)), tastes[0]));
  return { high, series: [...series, furniture(psthGrid), furniture(rnnGrid)] };
}

function unitOption(state, height, zoom) {
  const region = page.regions[state.region], taste = region.tastes[0], trials = rasterRows(state).length, wide = isHeatOfMeans(state);
  const gap = 14, raster = Math.floor((height - 110) * 0.4), panel = Math.floor((height - 110 - raster) / 2);
  const heights = [raster, panel, panel], tops = [6, 6 + raster + gap, 6 + raster + panel + 2 * gap];
  const means = wide ? heatOfMeans(state) : { series: [furniture(psthGrid), furniture(rnnGrid), ...meanSeries(state, psthGrid, "psth"),
                                                       ...(state.trial < 0 || shownTastes(state).length <= mostCurves ? meanSeries(state, rnnGrid, "rnn") : [])] };
  const limits = wide ? null : rateLimits(state);
  const axis = (grid, name) => (wide ? namedRowAxis(grid, `${name}, 0 to ${means.high.toFixed(1)} Hz`, region.tastes.map(({ name: of }) => of))
    : rateAxis(grid, `${name} (Hz)`, limits));
  return {
    ...commonOption(),
    // ECharts would make a panel with longer labels narrower than the others.
    grid: tops.map((top, grid) => ({ left: wide ? 112 : 64, right: 18, top, height: heights[grid], outerBoundsMode: "none" })),
    xAxis: tops.map((_, grid) => timeAxis(grid, taste, grid === tops.length - 1)),
    yAxis: [rowAxis(rasterGrid, page.raster_label, trials), axis(psthGrid, "PSTH"), axis(rnnGrid, "inferred")],
    axisPointer: { link: [{ xAxisIndex: "all" }], triggerOn: "none" },
    dataZoom: [{ type: "inside", xAxisIndex: [0, 1, 2], filterMode: "none", zoomOnMouseWheel: "ctrl", ...zoom },
               { type: "slider", xAxisIndex: [0, 1, 2], filterMode: "none", bottom: 4, height: 20, textStyle: { color: theme.quiet },
                 labelFormatter: (value) => `${Math.round(value)} ms`, ...zoom }],
    series: [...rasterSeries(state, raster), ...means.series, ...(state.trial >= 0 ? trialSeries(state) : [])],
  };
}

/** What is drawn, as rows of a table: [condition, trial, what, ms, value]. */
function unitTable(state) {
  const rows = [], region = page.regions[state.region];
  const add = (taste, trial, what, times, values) => times.forEach((time, bin) => rows.push([taste.name, trial, what, time, values[bin]]));
  for (const tasteIndex of shownTastes(state)) {
    const taste = region.tastes[tasteIndex];
    for (let trial = 0; trial < taste.spikes.trials; ++trial) {
      taste.spikes.trial(trial, state.unit).forEach((time) => rows.push([taste.name, numberOf(taste, trial), "spike", time, ""]));
    }
    for (const [kind, title] of [["psth", `PSTH, ${psthMs} ms Gaussian (Hz)`], ["rnn", "inferred (Hz)"]]) {
      const rates = ratesOf(state.region, state.unit, tasteIndex, kind), times = timeOf(taste, kind);
      for (const [what, values] of [["mean", rates.mean], ["standard deviation", rates.deviation], ["standard error", rates.error]]) {
        add(taste, "all", `${title}, ${what}`, times, values);
      }
      if (state.show === "trials" && kind === "rnn") rates.trials.forEach((values, trial) => add(taste, numberOf(taste, trial), title, times, values));
    }
  }
  if (state.trial >= 0) {
    const taste = region.tastes[state.trialTaste];
    for (const { key, title, times, rate } of methodsOf(taste)) {
      if (state.methods.has(key)) add(taste, numberOf(taste, state.trial), `${title} (Hz)`, times, rate(state.trial, state.unit));
    }
  }
  return [[page.condition_word, "trial", "what", "ms from stimulus", "value"], ...rows];
}

/** A trial's number in the session, where the page may hold some trials only. */
const numberOf = (taste, trial) => taste.trial_numbers[trial] + 1;
