"use strict";
// Losses of all networks by training step.

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
      itemStyle: { color: theme.paper, borderColor: fit.colour, borderWidth: 2 }, z: 6 },
  ]);
  return { ...commonOption(), grid: { left: 64, right: 18, top: 40, bottom: 48 },
           legend: legendOption({ data: [...new Set(page.losses.map((fit) => fit.name))] }),
           xAxis: { type: "value", name: "training step", nameLocation: "middle", nameGap: 28, nameTextStyle: { color: theme.ink, fontSize: 13 },
                    axisLabel: { color: theme.quiet, hideOverlap: true, formatter: String }, splitLine: { show: false }, max: "dataMax",
                    axisLine: { lineStyle: { color: theme.quiet } } },
           yAxis: lossAxis(logarithmic), series };
}

function lossesTable() {
  return [["network", "loss", "step", "value"], ...page.losses.flatMap((fit, network) => ["train", "validation"].flatMap((kind) => (
    fit[kind].map(([step, value]) => [`${network + 1}: ${fit.name}`, kind, step, value]))))];
}
