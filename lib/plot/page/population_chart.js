"use strict";
// All units of a region: inferred rates of one trial, or their mean over the trials of one condition.

function populationTaste(state) {
  return state.trial >= 0 ? state.trialTaste : shownTastes(state)[0];
}

/** [{unit, values}] from top to bottom: by the time of the highest mean rate of the condition, or as in the list of units. */
function populationRows(state) {
  const tasteIndex = populationTaste(state), taste = page.regions[state.region].tastes[tasteIndex];
  const rows = sortedUnits(state).map((unit) => {
    const { mean } = ratesOf(state.region, unit, tasteIndex, "rnn");
    return { unit, peak: mean.indexOf(highest([mean])), values: state.trial >= 0 ? taste.rnn.trial(state.trial, unit) : mean };
  });
  return state.order === "peak" ? rows.sort((a, b) => a.peak - b.peak) : rows;
}

function populationOption(state) {
  const region = page.regions[state.region], taste = region.tastes[populationTaste(state)], rows = populationRows(state);
  const high = Math.max(highest(rows.map(({ values }) => values)), 1e-9);
  const shares = rows.map(({ values }) => {
    const most = state.scale === "hz" ? high : Math.max(highest([values]), 1e-9);
    return values.map((value) => value / most);
  });
  const marks = state.trial < 0 || !state.spikes ? [] : rows.flatMap(({ unit }, row) => (
    Array.from(taste.spikes.trial(state.trial, unit), (time) => [time, row + 1])));
  const rowPx = 360 / rows.length;
  return { ...commonOption(), grid: { left: 112, right: 96, top: 12, bottom: 48, outerBoundsMode: "none" },
           xAxis: { ...timeAxis(0, taste, true), axisPointer: { show: false } },
           yAxis: namedRowAxis(0, "", rows.map(({ unit }) => (unit === state.unit ? `▸ ${region.units[unit]}` : region.units[unit]))),
           visualMap: colourBar(state.scale === "hz" ? high : 1, state.scale === "hz" ? `${high.toFixed(1)} Hz` : "unit's\nhighest", { right: 4, top: 34 }),
           series: [heatSeries(0, shares, taste), furniture(0), { ...spikeMarks(0, marks, "#ffffff", rowPx), z: 5 }] };
}

function populationTable(state) {
  const region = page.regions[state.region], taste = region.tastes[populationTaste(state)];
  return [["unit", "region", "ms from stimulus", "inferred (Hz)"], ...populationRows(state).flatMap(({ unit, values }) => (
    taste.rnn_time_ms.map((time, bin) => [region.units[unit], region.unit_regions[unit], time, values[bin]])))];
}

function describePopulation(state) {
  const taste = page.regions[state.region].tastes[populationTaste(state)];
  return state.trial >= 0 ? `${taste.name}, trial ${numberOf(taste, state.trial)}` : `${taste.name}, mean over trials`;
}
