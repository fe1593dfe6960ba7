"use strict";
// What the page carries, unpacked when it is first looked at, and the statistics that it shows.

const page = JSON.parse(document.getElementById("data").textContent);

function unpackedBytes(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; ++i) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Values (trial, row, bin) kept as whole numbers of `bits`, low[row] + step[row] * number each, or NaN for `unknown`. */
class Packed {
  constructor(packed) {
    this.trials = packed.trials;
    this.rows = packed.rows;
    this.bins = packed.bins;
    this.packed = packed;
    this.numbers = null;
  }

  trial(trial, row) {
    if (!this.numbers) {
      const bytes = unpackedBytes(this.packed.values), { bits } = this.packed;
      this.numbers = bits === 8 ? bytes : bits === 16 ? new Uint16Array(bytes.buffer)
        : Uint8Array.from({ length: 2 * bytes.length }, (_, i) => (bytes[i >> 1] >> (4 * (i & 1))) & 15);
    }
    const { unknown } = this.packed, low = this.packed.low[row], step = this.packed.step[row];
    const start = (trial * this.rows + row) * this.bins;
    return Float64Array.from(this.numbers.subarray(start, start + this.bins), 
                             (number) => (number === unknown ? NaN : low + step * number));
  }
}

/** Spikes (trial, row): packed one train after the other, each its number of spikes and the ms from one to the next. */
class SpikeTrains {
  constructor(packed, observed) {
    this.trials = packed.trials;
    this.bins = packed.bins;
    this.packed = packed;
    this.observed = observed;
    this.trains = null;
  }

  unpack() {
    const bytes = unpackedBytes(this.packed.values);
    let at = 0;
    const next = () => {
      let number = 0, scale = 1;
      for (; bytes[at] > 127; scale *= 128) number += (bytes[at++] - 128) * scale;
      return number + bytes[at++] * scale;
    };
    this.trains = [];
    while (at < bytes.length) {
      const times = new Float64Array(next());
      for (let spike = 0, ms = 0; spike < times.length; ++spike) {
        ms += next();
        times[spike] = this.packed.start_ms + ms + 0.5;
      }
      this.trains.push(times);
    }
  }

  /** Times from the stimulus. */
  trial(trial, row) {
    if (!this.trains) this.unpack();
    return this.trains[trial * this.packed.rows + row];
  }

  /** Spikes in each bin, NaN where the unit was not recorded. */
  counts(trial, row) {
    const counts = new Float64Array(this.bins), observed = this.observed?.trial(trial, row);
    for (const time of this.trial(trial, row)) ++counts[Math.floor((time - this.packed.start_ms) / page.bin_ms)];
    return observed ? counts.map((count, bin) => (observed[bin] ? count : NaN)) : counts;
  }
}

for (const region of page.regions) {
  for (const taste of region.tastes) {
    for (const name of ["observed", "rnn", "truth", "error", "outOfFold", "latents"]) {
      taste[name] = taste[name] ? new Packed(taste[name]) : null;
    }
    taste.spikes = new SpikeTrains(taste.spikes, taste.observed);
  }
}

/** Moving average over what is known in the boxcar, as lib/neural/smoothing.hpp defines it. Hz. */
function boxcarHz(counts) {
  const width = Math.max(1, Math.round(page.boxcar_ms / page.bin_ms));
  const rates = new Float64Array(counts.length);
  for (let bin = 0; bin < counts.length; ++bin) {
    const first = Math.max(0, bin - Math.floor(width / 2));
    const end = Math.min(counts.length, bin - Math.floor(width / 2) + width);
    const known = counts.subarray(first, end).filter(Number.isFinite);
    const mean = known.reduce((sum, count) => sum + count, 0) / known.length;
    rates[bin] = Number.isFinite(counts[bin]) ? mean * (1000 / page.bin_ms) : NaN;
  }
  return rates;
}

/** What can be drawn of one trial of one unit, by kind. */
const kinds = {
  counted: (taste, trial, unit) => taste.spikes.counts(trial, unit).map((count) => (count * 1000) / page.bin_ms),
  boxcar: (taste, trial, unit) => boxcarHz(taste.spikes.counts(trial, unit)),
  rnn: (taste, trial, unit) => taste.rnn.trial(trial, unit),
};

function timeOf(taste, kind) {
  return kind === "rnn" ? taste.rnn_time_ms : taste.time_ms;
}

/** Mean and standard deviation (n - 1) over the trials that are known, bin by bin; NaN where none is. */
function overTrials(trials) {
  const bins = trials.length ? trials[0].length : 0;
  const mean = new Float64Array(bins), deviation = new Float64Array(bins);
  for (let bin = 0; bin < bins; ++bin) {
    const known = trials.map((values) => values[bin]).filter(Number.isFinite);
    mean[bin] = known.reduce((sum, value) => sum + value, 0) / known.length;
    const squares = known.reduce((sum, value) => sum + (value - mean[bin]) ** 2, 0);
    deviation[bin] = known.length ? Math.sqrt(squares / Math.max(1, known.length - 1)) : NaN;
  }
  return { mean, deviation };
}

const cache = new Map();

/** {trials, mean, deviation} of a kind, for a unit and a taste. */
function ratesOf(regionIndex, unit, tasteIndex, kind) {
  const key = [regionIndex, unit, tasteIndex, kind].join();
  if (!cache.has(key)) {
    if (cache.size > 200) cache.clear();
    const taste = page.regions[regionIndex].tastes[tasteIndex];
    const trials = [];
    for (let trial = 0; trial < taste.spikes.trials; ++trial) trials.push(kinds[kind](taste, trial, unit));
    cache.set(key, { trials, ...overTrials(trials) });
  }
  return cache.get(key);
}

/** Index of the bin of width page.bin_ms that holds a time, or -1. */
function binAt(times, time) {
  if (!times.length) return -1;
  const bin = Math.floor((time - times[0]) / page.bin_ms + 0.5);
  return bin >= 0 && bin < times.length ? bin : -1;
}
