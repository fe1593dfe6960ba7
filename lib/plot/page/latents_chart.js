"use strict";
// Latent factors by time, or one against another in two and three dimensions.

const mostSingleTrials = 40;

/** Mean and standard deviation of a factor over all trials of all conditions. */
function momentsOf(region, factor) {
  let count = 0, sum = 0, squares = 0;
  for (const { latents } of region.tastes) {
    for (let trial = 0; latents && trial < latents.trials; ++trial) {
      for (const value of latents.trial(trial, factor)) { ++count; sum += value; squares += value * value; }
    }
  }
  const mean = sum / count;
  return { mean, sd: Math.sqrt(Math.max(0, squares / count - mean * mean)) || 1 };
}

const factorTrials = (taste, factor) => Array.from({ length: taste.latents.trials }, (_, trial) => taste.latents.trial(trial, factor));

/** A factor of the chosen trial or, without one, its mean over the trials. */
function factorValues(state, taste, factor) {
  const values = state.trial >= 0 ? taste.latents.trial(state.trial, factor) : overTrials(factorTrials(taste, factor)).mean;
  if (!state.z) return values;
  const { mean, sd } = momentsOf(page.regions[state.region], factor);
  return values.map((value) => (value - mean) / sd);
}

function latentsByTime(state) {
  const taste = page.regions[state.region].tastes[populationTaste(state)], series = [furniture(0)];
  for (let factor = 0; taste.latents && factor < taste.latents.rows; ++factor) {
    const { length } = page.factor_colours, color = page.factor_colours[factor % length];
    series.push({ ...line(0, points(taste.rnn_time_ms, factorValues(state, taste, factor)),
                          { color, width: 1.6, type: factor < length ? "solid" : "dashed" }),
                  name: `factor ${factor + 1}` });
  }
  return { ...commonOption(), grid: { left: 64, right: 18, top: 40, bottom: 48 }, legend: legendOption(),
           xAxis: { ...timeAxis(0, taste, true), axisPointer: { show: false } },
           yAxis: valueAxis(0, state.z ? "latent factor (z)" : "latent factor", { scale: true }), series };
}

const legendOption = (more = {}) => ({ type: "scroll", top: 4, textStyle: { color: theme.ink }, pageTextStyle: { color: theme.ink },
                                       pageIconColor: theme.ink, pageIconInactiveColor: theme.quiet, ...more });

/** Where a point of three factors lies on the screen: turned about the third one, then tilted. */
function projected([x, y, z], state) {
  const turn = (state.turn * Math.PI) / 180, tilt = (state.tilt * Math.PI) / 180;
  const across = x * Math.cos(turn) - y * Math.sin(turn), depth = x * Math.sin(turn) + y * Math.cos(turn);
  return [across, z * Math.cos(tilt) - depth * Math.sin(tilt)];
}

/** The screen position of each bin, of factors scaled by their standard deviations. */
function trajectory(state, factors) {
  return Array.from(factors[0], (_, bin) => (state.latents === "3d" ? projected(factors.map((values) => values[bin]), state)
    : factors.slice(0, 2).map((values) => values[bin])));
}

/** Bold: means; faint: up to mostSingleTrials trials of each condition; ring: the stimulus; dots: every 500 ms. */
function latentsInSpace(state) {
  const region = page.regions[state.region], dimensions = state.latents === "3d" ? 3 : 2, axes = state.axes.slice(0, dimensions);
  const moments = axes.map((factor) => momentsOf(region, factor));
  const scaled = (values, i) => values.map((value) => (value - moments[i].mean) / moments[i].sd);
  const shown = shownTastes(state), series = [], single = shown.length <= mostCurves;
  const add = (track, taste, style) => series.push({ ...line(0, track, style), name: taste.name });
  for (const tasteIndex of shown) {
    const taste = region.tastes[tasteIndex], color = taste.colour, trials = axes.map((factor) => factorTrials(taste, factor));
    if (!trials[0].length) continue;
    const step = Math.max(1, Math.ceil(trials[0].length / mostSingleTrials));
    for (let trial = 0; single && trial < trials[0].length; trial += step) {
      add(trajectory(state, trials.map((of, i) => scaled(of[trial], i))), taste, { color, width: 0.8, opacity: 0.25, z: 2 });
    }
    const mean = trajectory(state, trials.map((of, i) => scaled(overTrials(of).mean, i))), times = taste.rnn_time_ms;
    add(mean, taste, { color, width: !single ? 1 : state.trial >= 0 ? 1.5 : 3 });
    if (single) series.push(...timeMarks(mean, times, taste));
    if (state.trial >= 0 && state.trialTaste === tasteIndex) {
      const chosen = trajectory(state, trials.map((of, i) => scaled(of[state.trial], i)));
      add(chosen, taste, { color, width: 3.5, z: 6 });
      series.push(...timeMarks(chosen, times, taste));
    }
  }
  const axis = (name) => valueAxis(0, name, { scale: true, splitLine: { show: false } });
  const hidden = { type: "value", show: false, scale: true };
  const flat = dimensions === 2;
  return { ...commonOption(), grid: { left: flat ? 64 : 18, right: 18, top: 40, bottom: flat ? 48 : 18 },
           legend: legendOption({ data: single ? shown.map((index) => region.tastes[index].name) : [], selectedMode: false }),
           xAxis: flat ? { ...axis(`factor ${axes[0] + 1} (z)`), nameGap: 28, gridIndex: 0 } : hidden,
           yAxis: flat ? axis(`factor ${axes[1] + 1} (z)`) : hidden, series: flat ? series : [...series, ...axisArrows(state, axes)] };
}

function timeMarks(track, times, taste) {
  const at = (time) => times.findIndex((of) => Math.abs(of - time) <= page.bin_ms / 2);
  const dots = [], shared = { type: "scatter", silent: true, z: 7, name: taste.name };
  for (let time = Math.ceil(times[0] / 500) * 500; time <= times[times.length - 1]; time += 500) if (time !== 0 && at(time) >= 0) dots.push(track[at(time)]);
  return [{ ...shared, data: dots, symbolSize: 5, itemStyle: { color: taste.colour } },
          { ...shared, data: at(0) >= 0 ? [track[at(0)]] : [], symbolSize: 11, itemStyle: { color: theme.paper, borderColor: taste.colour, borderWidth: 3 } }];
}

/** The three axes, a standard deviation long, from their means. */
function axisArrows(state, axes) {
  return axes.map((factor, i) => {
    const end = projected([0, 0, 0].map((_, j) => (i === j ? 1.5 : 0)), state);
    return { ...line(0, [projected([0, 0, 0], state), end], { color: theme.quiet, width: 1, z: 1 }),
             endLabel: { show: true, formatter: `factor ${factor + 1}`, color: theme.quiet } };
  });
}

function latentsOption(state) {
  const { latents } = page.regions[state.region].tastes[populationTaste(state)];
  return state.latents === "time" || !latents ? latentsByTime(state) : latentsInSpace(state);
}

function latentsTable(state) {
  const region = page.regions[state.region], inSpace = state.latents !== "time";
  const tastes = inSpace ? shownTastes(state) : [populationTaste(state)];
  const rows = tastes.flatMap((tasteIndex) => {
    const taste = region.tastes[tasteIndex], { latents } = taste, trial = inSpace ? -1 : state.trial;
    return Array.from({ length: latents ? latents.rows : 0 }, (_, factor) => {
      const values = factorValues({ ...state, trial }, taste, factor);
      return taste.rnn_time_ms.map((time, bin) => [taste.name, trial < 0 ? "mean" : numberOf(taste, trial), factor + 1, time, values[bin]]);
    }).flat();
  });
  return [[page.condition_word, "trial", "factor", "ms from stimulus", state.z ? "z" : "value"], ...rows];
}

function describeLatents(state) {
  const region = page.regions[state.region], taste = region.tastes[populationTaste(state)];
  if (!taste.latents) return "not in this session's rates.h5";
  if (state.latents === "time") return describePopulation(state);
  const single = shownTastes(state).length <= mostCurves, sampled = region.tastes.some(({ latents }) => latents && latents.trials > mostSingleTrials);
  if (!single) return `mean of each ${page.condition_word} over its trials; choose one to see single trials`;
  return `bold: mean over trials; faint: single trials${sampled ? `, up to ${mostSingleTrials}` : ""}; ring: stimulus; dots: every 500 ms`;
}
