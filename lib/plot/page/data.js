"use strict";
// What the page carries, unpacked row by row when it is first looked at.

const page = JSON.parse(document.getElementById("data").textContent);
let pageBytes = null;

function unpackedBytes(base64) {
  const binary = atob(base64), bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; ++i) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Inflates all arrays of the page. */
async function inflateBytes() {
  const inflated = new Blob([unpackedBytes(document.getElementById("bytes").textContent)]).stream().pipeThrough(new DecompressionStream("deflate"));
  pageBytes = new Uint8Array(await new Response(inflated).arrayBuffer());
}

/** Values (trial, row, bin) as lib/plot/page_bytes.hpp keeps them; NaN where one is not known. */
class Packed {
  constructor(packed) {
    this.trials = packed.trials;
    this.rows = packed.rows;
    this.bins = packed.bins;
    this.packed = packed;
    this.unpacked = [];
  }

  unpack(row) {
    const { bits, unknown, first } = this.packed, low = this.packed.low[row], step = this.packed.step[row];
    const length = this.trials * this.bins, values = new Float64Array(length);
    const start = first + row * length * (bits === 16 ? 2 : 1), mask = bits === 16 ? 0xffff : 0xff;
    for (let i = 0, number = 0; i < length; ++i) {
      if (i % this.bins === 0) number = 0;
      number = (number + pageBytes[start + i] + (bits === 16 ? pageBytes[start + length + i] << 8 : 0)) & mask;
      values[i] = number === unknown ? NaN : low + step * number;
    }
    return values;
  }

  trial(trial, row) {
    this.unpacked[row] ??= this.unpack(row);
    return this.unpacked[row].subarray(trial * this.bins, (trial + 1) * this.bins);
  }
}

/** Spikes (trial, row), times from the stimulus. */
class SpikeTrains {
  constructor(packed, observed) {
    this.trials = packed.trials;
    this.bins = packed.bins;
    this.packed = packed;
    this.observed = observed;
    this.unpacked = [];
  }

  unpack(row) {
    let at = this.packed.starts[row];
    const next = () => {
      let number = 0, scale = 1;
      for (; pageBytes[at] > 127; scale *= 128) number += (pageBytes[at++] - 128) * scale;
      return number + pageBytes[at++] * scale;
    };
    return Array.from({ length: this.trials }, () => {
      const times = new Float64Array(next());
      for (let spike = 0, ms = 0; spike < times.length; ++spike) {
        ms += next();
        times[spike] = this.packed.start_ms + ms + 0.5;
      }
      return times;
    });
  }

  trial(trial, row) {
    this.unpacked[row] ??= this.unpack(row);
    return this.unpacked[row][trial];
  }

  /** Spikes in each bin, NaN where the unit was not recorded. */
  counts(trial, row) {
    const counts = new Float64Array(this.bins), observed = this.observed?.trial(trial, row);
    for (const time of this.trial(trial, row)) ++counts[Math.floor((time - this.packed.start_ms) / page.bin_ms)];
    return observed ? counts.map((count, bin) => (observed[bin] ? count : NaN)) : counts;
  }
}

/** An array of a taste, on a scale of its own or on the one that all tastes of its region share. */
function packedArray(region, taste, name) {
  const packed = taste.arrays[name];
  return packed ? new Packed({ ...region.scales[name], ...packed }) : null;
}

for (const region of page.regions) {
  for (const taste of region.tastes) {
    taste.observed = taste.observed && new Packed(taste.observed);
    for (const name of ["rnn", "truth", "error", "outOfFold", "latents"]) taste[name] = packedArray(region, taste, name);
    taste.methods = taste.methods.map((name) => ({ name, rate: packedArray(region, taste, name) }));
    taste.spikes = new SpikeTrains(taste.spikes, taste.observed);
  }
}
