"use strict";
// Rates of single trials by all methods, and their means.

const psthMs = 25;

/** Means of `counts` that are known, with the weight that `weight` gives bins so far away; NaN where it is itself unknown. */
function smoothedHz(counts, first, weights) {
  return counts.map((count, bin) => {
    if (!Number.isFinite(count)) return NaN;
    let sum = 0, weight = 0;
    weights.forEach((w, i) => {
      const value = counts[bin + first + i];
      if (Number.isFinite(value)) { sum += w * value; weight += w; }
    });
    return ((sum / weight) * 1000) / page.bin_ms;
  });
}

const boxcarBins = Math.max(1, Math.round(page.boxcar_ms / page.bin_ms));

/** Moving average over what is known in the boxcar, as lib/neural/smoothing.hpp defines it. */
const boxcarHz = (counts) => smoothedHz(counts, -Math.floor(boxcarBins / 2), new Array(boxcarBins).fill(1));

const gaussReach = Math.ceil((3 * psthMs) / page.bin_ms);
const gaussWeights = Array.from({ length: 2 * gaussReach + 1 }, (_, i) => Math.exp(-((((i - gaussReach) * page.bin_ms) / psthMs) ** 2) / 2));
const gaussHz = (counts) => smoothedHz(counts, -gaussReach, gaussWeights);

/** What can be drawn of one trial of one unit, by kind. */
const kinds = {
  counted: (taste, trial, unit) => taste.spikes.counts(trial, unit).map((count) => (count * 1000) / page.bin_ms),
  boxcar: (taste, trial, unit) => boxcarHz(taste.spikes.counts(trial, unit)),
  psth: (taste, trial, unit) => gaussHz(taste.spikes.counts(trial, unit)),
  rnn: (taste, trial, unit) => taste.rnn.trial(trial, unit),
};

function timeOf(taste, kind) {
  return kind === "rnn" ? taste.rnn_time_ms : taste.time_ms;
}

/** Mean, standard deviation (n - 1) and standard error over the trials that are known, bin by bin; NaN where none is. */
function overTrials(trials) {
  const bins = trials.length ? trials[0].length : 0;
  const mean = new Float64Array(bins), deviation = new Float64Array(bins), error = new Float64Array(bins);
  for (let bin = 0; bin < bins; ++bin) {
    let count = 0, sum = 0, squares = 0;
    for (const values of trials) if (Number.isFinite(values[bin])) { ++count; sum += values[bin]; }
    mean[bin] = sum / count;
    for (const values of trials) if (Number.isFinite(values[bin])) squares += (values[bin] - mean[bin]) ** 2;
    deviation[bin] = count ? Math.sqrt(squares / Math.max(1, count - 1)) : NaN;
    error[bin] = deviation[bin] / Math.sqrt(count);
  }
  return { mean, deviation, error };
}

const cache = new Map();

/** {trials, mean, deviation, error} of a kind, for a unit and a taste. */
function ratesOf(regionIndex, unit, tasteIndex, kind) {
  const key = [regionIndex, unit, tasteIndex, kind].join();
  if (!cache.has(key)) {
    if (cache.size > 500) cache.clear();
    const taste = page.regions[regionIndex].tastes[tasteIndex];
    const trials = [];
    for (let trial = 0; trial < taste.spikes.trials; ++trial) trials.push(kinds[kind](taste, trial, unit));
    cache.set(key, { trials, ...overTrials(trials) });
  }
  return cache.get(key);
}

const methodTitles = { network: "network alone", gaussian: "Gaussian kernel, best width", condition_average: `${page.condition_word} average`,
                       inferred_condition: `inferred ${page.condition_word}`, gpfa: "GPFA", plds: "PLDS", baks: "BAKS" };

/** The methods by which there are rates of a taste's single trials: [{key, title, dashed, times, rate(trial, unit)}]. */
function methodsOf(taste) {
  const packed = (key, title, values, dashed) => ({ key, title, dashed, times: taste.rnn_time_ms, rate: (trial, unit) => values.trial(trial, unit) });
  const methods = [packed("rnn", "inferred", taste.rnn)];
  if (taste.outOfFold) methods.push(packed("outOfFold", "inferred, not having seen the trial", taste.outOfFold, true));
  for (const { name, rate } of taste.methods) methods.push(packed(name, methodTitles[name] ?? name, rate));
  methods.push({ key: "boxcar", title: `${page.boxcar_ms} ms boxcar`, times: taste.time_ms,
                 rate: (trial, unit) => kinds.boxcar(taste, trial, unit) });
  if (taste.truth) methods.push({ ...packed("truth", "true rate", taste.truth), times: taste.time_ms });
  return methods;
}

/** Index of the bin of width page.bin_ms that holds a time, or -1. */
function binAt(times, time) {
  if (!times.length) return -1;
  const bin = Math.floor((time - times[0]) / page.bin_ms + 0.5);
  return bin >= 0 && bin < times.length ? bin : -1;
}
