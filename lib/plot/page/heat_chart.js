"use strict";
// Boxcar and inferred rates of one unit, trials by time.

function heatRows(state) {
  return ["boxcar", "rnn"].map((kind) => rasterRows(state).map(({ tasteIndex, trial }) => (
    ratesOf(state.region, state.unit, tasteIndex, kind).trials[trial])));
}

const highest = (rows) => rows.reduce((most, values) => values.reduce((a, b) => (b > a ? b : a), most), 0);

/** Side by side on one scale of colours. */
function heatOption(state, width) {
  const taste = page.regions[state.region].tastes[0], trials = rasterRows(state).length, left = 64, top = 34, gap = 50, bar = 90;
  const rates = heatRows(state), high = Math.max(1, highest(rates.flat()));
  const wide = (width - left - gap - bar) / 2, lefts = [left, left + wide + gap];
  return { ...commonOption(), grid: lefts.map((x) => ({ left: x, width: wide, top, bottom: 48, outerBoundsMode: "none" })),
           title: [`${page.boxcar_ms} ms boxcar`, "inferred"].map((text, grid) => (
             { text, top: 4, left: lefts[grid] + wide / 2, textAlign: "center", textStyle: { fontSize: 13, fontWeight: "normal", color: theme.ink } })),
           xAxis: [0, 1].map((grid) => timeAxis(grid, taste, true)),
           yAxis: [0, 1].map((grid) => rowAxis(grid, grid ? "" : "trial", trials)),
           visualMap: colourBar(high, `${high.toFixed(1)} Hz`, { right: 4, top }),
           series: [0, 1].flatMap((grid) => [heatSeries(grid, rates[grid].map((values) => values.map((value) => value / high)), taste), furniture(grid)]) };
}

function heatTable(state) {
  const rates = heatRows(state), { tastes } = page.regions[state.region];
  const rows = rasterRows(state).flatMap(({ tasteIndex, trial }, row) => ["boxcar", "rnn"].flatMap((kind, i) => {
    const taste = tastes[tasteIndex];
    return timeOf(taste, kind).map((time, bin) => [taste.name, numberOf(taste, trial), kind === "rnn" ? "inferred" : kind, time, rates[i][row][bin]]);
  }));
  return [[page.condition_word, "trial", "what", "ms from stimulus", "Hz"], ...rows];
}
