"use strict";
// The menus of regions, conditions, units, trials and methods, and the words about what is shown.

/** Entries of the region menu: a region that was fitted, or the units of one region among those fitted together. */
const regionChoices = page.regions.flatMap((region, index) => {
  const among = [...new Set(region.unit_regions)];
  if (among.length < 2) return [{ region: index, among: "", label: region.name === "all" && among.length ? among[0] : region.name }];
  return [{ region: index, among: "", label: `${region.name} (${among.join(", ")})` },
          ...among.map((name) => ({ region: index, among: name, label: name }))];
});

function option(value, text) {
  const made = document.createElement("option");
  made.value = value;
  made.textContent = text;
  return made;
}

function swatch(colour) {
  const mark = document.createElement("span");
  mark.className = "swatch";
  mark.style.backgroundColor = colour;
  return mark;
}

const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

function fillMenus() {
  const region = page.regions[state.region], several = new Set(region.unit_regions).size > 1;
  const units = region.units.map((_, unit) => unit).filter((unit) => !state.among || region.unit_regions[unit] === state.among);
  element("unit").replaceChildren(...units.map((unit) => (
    option(unit, several ? `${region.units[unit]} (${region.unit_regions[unit]})` : region.units[unit]))));
  element("taste").replaceChildren(option(-1, "all"), ...region.tastes.map((taste, index) => option(index, taste.name)));
  const factors = Array.from({ length: factorCount() }, (_, factor) => factor);
  for (const axis of [0, 1, 2]) element(`axis-${axis}`).replaceChildren(...factors.map((factor) => option(factor, `factor ${factor + 1}`)));
  fillTrials();
}

function fillTrials() {
  const region = page.regions[state.region], several = shownTastes(state).length > 1;
  const groups = shownTastes(state).map((tasteIndex) => {
    const taste = region.tastes[tasteIndex];
    const trials = Array.from({ length: taste.spikes.trials }, (_, trial) => (
      option(`${tasteIndex}:${trial}`, (several ? `${taste.name}, ` : "") + `trial ${numberOf(taste, trial)}${taste.held_out[trial] ? " (held out)" : ""}`)));
    if (!several) return trials;
    const group = document.createElement("optgroup");
    group.label = taste.name;
    group.append(...trials);
    return [group];
  });
  element("trial").replaceChildren(option("", "all"), ...groups.flat());
}

/** Of few conditions; many are named beside their rows. */
function fillLegend() {
  const { tastes } = page.regions[state.region], shown = shownTastes(state);
  element("legend").replaceChildren(...(shown.length > mostCurves ? [] : shown).map((tasteIndex) => {
    const taste = tastes[tasteIndex], item = document.createElement("li");
    item.append(swatch(taste.colour), `${taste.name} (${counted(taste.spikes.trials, "trial")})`);
    return item;
  }));
  const held = tastes.reduce((sum, taste) => sum + taste.spikes.trials, 0), all = tastes.reduce((sum, taste) => sum + taste.all_trials, 0);
  element("sampled").hidden = held === all;
  element("sampled").textContent = `This page holds ${held} of ${all} trials, evenly spaced within each ${page.condition_word}; means are over these.`;
}

/** Check boxes of the methods by which there are rates of the chosen trial. */
function fillMethods() {
  const taste = page.regions[state.region].tastes[Math.max(state.trialTaste, 0)], methods = methodsOf(taste), chosen = state.trial >= 0;
  const boxes = methods.map(({ key, title, dashed }) => {
    const label = document.createElement("label"), box = document.createElement("input"), mark = swatch(methodColour(methods, key, taste));
    box.type = "checkbox";
    box.value = key;
    box.checked = state.methods.has(key);
    mark.classList.toggle("dashed", Boolean(dashed));
    label.append(box, " ", mark, title);
    return label;
  });
  const note = document.createElement("p");
  note.textContent = "Choose a trial to compare them.";
  element("methods").replaceChildren(element("methods").querySelector("legend"), ...(chosen ? boxes : [note]));
}

function describe() {
  const region = page.regions[state.region], unit = region.units[state.unit];
  const unitRegion = region.unit_regions[state.unit] || region.name, taste = state.taste >= 0 ? region.tastes[state.taste].name : `all ${page.condition_word}s`;
  const chosen = region.tastes[state.trialTaste], number = chosen ? numberOf(chosen, state.trial) : 0;
  const trial = state.trial < 0 ? "" : state.taste >= 0 ? `, trial ${number}` : `, trial ${number} of ${chosen.name}`;
  element("shown").textContent = `${unit}, region ${unitRegion}, ${taste}${trial}`;
  charts.unit.getDom().setAttribute("aria-label",
    `Raster, PSTH and inferred rate of ${unit}, region ${unitRegion}, ${taste}${trial}. ` +
    "Arrow keys left and right move the time cursor, up and down choose a trial, plus and minus zoom.");
  element("known").textContent = state.trial < 0 ? "" : [
    "Thick: the trial.", chosen.truth ? "Black (white on dark): its true rate." : "", chosen.error ? "Shaded: standard error." : "",
    chosen.outOfFold ? "Dashed: the fold that had not seen it." : "",
  ].filter(Boolean).join(" ");
}

const hz = (value) => (Number.isFinite(value) ? value.toFixed(2) : "–");

/** One row of the readout: name, spikes a bin, boxcar and inferred rate at the cursor. */
function readoutRow(name, colour, values) {
  const row = document.createElement("tr"), head = tableCell("th", "");
  head.scope = "row";
  head.append(swatch(colour), name);
  row.append(head, ...values.map((text) => tableCell("td", text)));
  return row;
}

const readoutKinds = ["counted", "boxcar", "rnn"];

function valuesAt(taste, rates) {
  return readoutKinds.map((kind) => {
    const bin = binAt(timeOf(taste, kind), state.time);
    return bin < 0 || !rates[kind] ? "–" : rates[kind](bin);
  });
}

/** The chosen trial's values at the cursor, by all methods that are ticked. */
function trialRows(taste) {
  const rates = Object.fromEntries(readoutKinds.map((kind) => [kind, (bin) => hz(kinds[kind](taste, state.trial, state.unit)[bin])]));
  const rows = [readoutRow(`${taste.name}, trial ${numberOf(taste, state.trial)}`, taste.colour, valuesAt(taste, rates))];
  const methods = methodsOf(taste);
  for (const { key, title, times, rate } of methods) {
    const bin = binAt(times, state.time), shown = key === "truth" || state.methods.has(key);
    if (!shown || key === "rnn" || key === "boxcar") continue;
    rows.push(readoutRow(key === "truth" ? "its true rate" : title, methodColour(methods, key, taste),
                         ["", "", bin < 0 ? "–" : hz(rate(state.trial, state.unit)[bin])]));
  }
  return rows;
}

function fillReadout() {
  const region = page.regions[state.region], rows = [];
  const first = state.time === null ? -1 : binAt(region.tastes[0].time_ms, state.time);
  element("time").textContent = first < 0 ? "Point at a panel, or press an arrow key in it, to read values."
    : `At ${region.tastes[0].time_ms[first]} ms from the stimulus, bin of ${page.bin_ms} ms`;
  element("readout").hidden = first < 0;
  if (first < 0) return;
  if (state.trial >= 0) rows.push(...trialRows(region.tastes[state.trialTaste]));
  const shown = shownTastes(state);
  for (const tasteIndex of shown.length > mostCurves ? [] : shown) {
    const taste = region.tastes[tasteIndex], rates = {};
    for (const kind of readoutKinds) {
      const all = ratesOf(state.region, state.unit, tasteIndex, kind);
      if (!all.trials.length) continue;
      rates[kind] = (bin) => (Number.isFinite(all.mean[bin]) ? `${hz(all.mean[bin])} ± ${hz(all.deviation[bin])}` : "–");
    }
    rows.push(readoutRow(`${taste.name}, mean ± sd`, taste.colour, valuesAt(taste, rates)));
  }
  element("values").replaceChildren(...rows);
}
