"use strict";
// Menus, hover values and keyboard of a session's page.

const element = (id) => document.getElementById(id);
const state = { region: 0, among: "", unit: 0, taste: -1, trialTaste: -1, trial: -1, show: "mean", time: null };
const unitHeight = 640;
const charts = {};
let zoom = { start: 0, end: 100 };

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

function tableCell(kind, text) {
  const cell = document.createElement(kind);
  cell.textContent = text;
  return cell;
}

function chosenUnits() {
  const region = page.regions[state.region];
  return region.units.map((name, index) => ({ name, index }))
    .filter(({ index }) => !state.among || region.unit_regions[index] === state.among);
}

function fillMenus() {
  const region = page.regions[state.region], several = new Set(region.unit_regions).size > 1;
  element("unit").replaceChildren(...chosenUnits().map(({ name, index }) => (
    option(index, several ? `${name} (${region.unit_regions[index]})` : name))));
  element("taste").replaceChildren(option(-1, "all"), ...region.tastes.map((taste, index) => option(index, taste.name)));
  fillTrials();
}

function fillTrials() {
  const region = page.regions[state.region], several = shownTastes(state).length > 1;
  const groups = shownTastes(state).map((tasteIndex) => {
    const taste = region.tastes[tasteIndex];
    const trials = Array.from({ length: taste.spikes.trials }, (_, trial) => (
      option(`${tasteIndex}:${trial}`, (several ? `${taste.name}, ` : "") + `trial ${trial + 1}${taste.held_out[trial] ? " (held out)" : ""}`)));
    if (!several) return trials;
    const group = document.createElement("optgroup");
    group.label = taste.name;
    group.append(...trials);
    return [group];
  });
  element("trial").replaceChildren(option("", "all"), ...groups.flat());
}

function fillLegend() {
  const region = page.regions[state.region];
  element("legend").replaceChildren(...shownTastes(state).map((tasteIndex) => {
    const taste = region.tastes[tasteIndex], item = document.createElement("li"), mark = document.createElement("span");
    mark.className = "swatch";
    mark.style.backgroundColor = taste.colour;
    item.append(mark, `${taste.name} (${taste.spikes.trials} trials)`);
    return item;
  }));
}

function describe() {
  const region = page.regions[state.region], unit = region.units[state.unit];
  const unitRegion = region.unit_regions[state.unit] || region.name;
  const taste = state.taste >= 0 ? region.tastes[state.taste].name : "all tastes";
  const trial = state.trial < 0 ? "" : state.taste >= 0 ? `, trial ${state.trial + 1}`
    : `, trial ${state.trial + 1} of ${region.tastes[state.trialTaste].name}`;
  element("shown").textContent = `${unit}, region ${unitRegion}, ${taste}${trial}`;
  charts.unit.getDom().setAttribute("aria-label",
    `Raster, ${page.boxcar_ms} ms boxcar rate and inferred rate of ${unit}, region ${unitRegion}, ${taste}${trial}. ` +
    "Arrow keys left and right move the time cursor, up and down choose a trial, plus and minus zoom.");
  element("known").textContent = state.trial < 0 ? "" : [
    "Thick: the trial.", region.tastes[state.trialTaste].truth ? "Black: its true rate." : "",
    region.tastes[state.trialTaste].error ? "Shaded: standard error." : "",
    region.tastes[state.trialTaste].outOfFold ? "Dashed: the fold that had not seen it." : "",
  ].filter(Boolean).join(" ");
}

const hz = (value) => (Number.isFinite(value) ? value.toFixed(2) : "–");

/** One row of the readout: name, spikes a bin, boxcar and inferred rate at the cursor. */
function readoutRow(name, colour, values) {
  const row = document.createElement("tr"), head = tableCell("th", ""), mark = document.createElement("span");
  head.scope = "row";
  mark.className = "swatch";
  mark.style.backgroundColor = colour;
  head.append(mark, name);
  row.append(head, ...values.map((text) => tableCell("td", text)));
  return row;
}

function valuesAt(taste, rates) {
  return ["counted", "boxcar", "rnn"].map((kind) => {
    const bin = binAt(timeOf(taste, kind), state.time);
    return bin < 0 || !rates[kind] ? "–" : rates[kind](bin);
  });
}

function fillReadout() {
  const region = page.regions[state.region], rows = [];
  const first = state.time === null ? -1 : binAt(region.tastes[0].time_ms, state.time);
  element("time").textContent = first < 0 ? "Point at a panel, or press an arrow key in it, to read values."
    : `At ${region.tastes[0].time_ms[first]} ms from the stimulus, bin of ${page.bin_ms} ms`;
  element("readout").hidden = first < 0;
  if (first < 0) return;
  if (state.trial >= 0) {
    const taste = region.tastes[state.trialTaste], rates = {};
    for (const kind of Object.keys(kinds)) {
      const values = kinds[kind](taste, state.trial, state.unit);
      rates[kind] = (bin) => hz(values[bin]);
    }
    rows.push(readoutRow(`${taste.name}, trial ${state.trial + 1}`, taste.colour, valuesAt(taste, rates)));
    if (taste.truth) rows.push(readoutRow("its true rate", "#000000", ["", "", hz(taste.truth.trial(state.trial, state.unit)[first])]));
  }
  for (const tasteIndex of shownTastes(state)) {
    const taste = region.tastes[tasteIndex], rates = {};
    for (const kind of Object.keys(kinds)) {
      const all = ratesOf(state.region, state.unit, tasteIndex, kind);
      if (!all.trials.length) continue;
      rates[kind] = (bin) => (Number.isFinite(all.mean[bin]) ? `${hz(all.mean[bin])} ± ${hz(all.deviation[bin])}` : "–");
    }
    rows.push(readoutRow(`${taste.name}, mean ± sd`, taste.colour, valuesAt(taste, rates)));
  }
  element("values").replaceChildren(...rows);
}

/** The times that the zoom shows. */
function shownTimes() {
  const times = page.regions[state.region].tastes[0].time_ms, start = times[0] - page.bin_ms / 2, length = times.length * page.bin_ms;
  return [start + (length * zoom.start) / 100, start + (length * zoom.end) / 100];
}

function isShown(time) {
  const [first, last] = shownTimes();
  return time !== null && time >= first && time <= last;
}

/** Moves the cursor line through all panels; there is none where its time is outside of what is shown. */
function showCursor() {
  fillReadout();
  if (!isShown(state.time)) return charts.unit.dispatchAction({ type: "updateAxisPointer", currTrigger: "leave" });
  const [x, y] = charts.unit.convertToPixel({ gridIndex: rnnGrid }, [state.time, 0]);
  charts.unit.dispatchAction({ type: "updateAxisPointer", currTrigger: "mousemove", x, y: y - 2 });
}

function drawUnit() {
  charts.unit.setOption(unitOption(state, unitHeight, zoom), { notMerge: true });
  describe();
  fillLegend();
  showCursor();
  if (element("heat-section").open) drawHeat();
}

function drawHeat() {
  charts.heat.resize();
  charts.heat.setOption(heatOption(state, charts.heat.getWidth(), charts.heat.getHeight()), { notMerge: true });
}

function drawLatents() {
  const region = page.regions[state.region];
  const taste = region.tastes[state.trial >= 0 ? state.trialTaste : shownTastes(state)[0]];
  const which = state.trial >= 0 ? `trial ${state.trial + 1}` : "mean over trials";
  element("latents-of").textContent = taste.latents ? `${taste.name}, ${which}` : "not in this session's rates.h5";
  charts.latents.getDom().setAttribute("aria-label", `Latent factors by time: ${taste.name}, ${which}.`);
  charts.latents.setOption(latentsOption(state, element("z").checked), { notMerge: true });
}

function drawLosses() {
  charts.losses.getDom().setAttribute("aria-label", `Training and validation losses of ${page.losses.length} networks by step.`);
  charts.losses.setOption(lossesOption(element("log").checked), { notMerge: true });
}

function drawAll() {
  drawUnit();
  drawLatents();
  element("unit").value = state.unit;
  element("taste").value = state.taste;
  element("trial").value = state.trial < 0 ? "" : `${state.trialTaste}:${state.trial}`;
  remember();
}

/** Keeps all that is chosen in the link. */
function remember() {
  const rounded = [zoom.start, zoom.end].map((share) => Number(share.toFixed(3)));
  const parts = { region: element("region").value, unit: state.unit, taste: state.taste };
  if (state.trial >= 0) parts.trial = `${state.trialTaste}:${state.trial}`;
  if (state.show !== "mean") parts.show = state.show;
  if (rounded[0] > 0 || rounded[1] < 100) parts.zoom = rounded.join(":");
  if (element("z").checked) parts.z = 1;
  if (!element("log").checked) parts.log = 0;
  if (element("heat-section").open) parts.heat = 1;
  history.replaceState(null, "", `#${Object.entries(parts).map(([name, value]) => `${name}=${value}`).join("&")}`);
}

function chooseRegion(index) {
  const choice = regionChoices[index];
  Object.assign(state, { region: choice.region, among: choice.among, taste: -1, trial: -1, trialTaste: -1 });
  state.unit = chosenUnits()[0].index;
  element("region").value = index;
  fillMenus();
}

function chooseTaste(taste) {
  state.taste = taste;
  if (taste >= 0 && state.trialTaste !== taste) state.trial = state.trialTaste = -1;
  fillTrials();
}

function chooseTrial(text) {
  [state.trialTaste, state.trial] = text ? text.split(":").map(Number) : [-1, -1];
}

/** The next or previous entry of a menu. */
function stepMenu(menu, by) {
  const next = menu.selectedIndex + by;
  if (next < 0 || next >= menu.options.length) return;
  menu.selectedIndex = next;
  menu.dispatchEvent(new Event("change"));
}

/** About the cursor, which keeps its place, or the middle. */
function zoomBy(factor) {
  const [first, last] = shownTimes(), share = isShown(state.time) ? (state.time - first) / (last - first) : 0.5;
  const now = zoom.end - zoom.start, next = Math.min(100, now * factor);
  const start = Math.min(Math.max(0, zoom.start + share * (now - next)), 100 - next);
  charts.unit.dispatchAction({ type: "dataZoom", start, end: start + next });
}

function moveCursor(by) {
  const times = page.regions[state.region].tastes[0].time_ms;
  const now = state.time === null ? binAt(times, 0) - by : binAt(times, state.time);
  state.time = times[Math.min(times.length - 1, Math.max(0, now + by))];
  showCursor();
}

function pressKey(event) {
  const actions = { ArrowLeft: () => moveCursor(-1), ArrowRight: () => moveCursor(1), Home: () => moveCursor(-1e6), End: () => moveCursor(1e6),
                    ArrowUp: () => stepMenu(element("trial"), -1), ArrowDown: () => stepMenu(element("trial"), 1),
                    "+": () => zoomBy(0.5), "-": () => zoomBy(2), 0: () => zoomBy(1e3),
                    Escape: () => { state.time = null; chooseTrial(""); drawAll(); } };
  if (event.ctrlKey || event.metaKey || event.altKey || !actions[event.key]) return;
  event.preventDefault();
  actions[event.key]();
}

function watchMouse() {
  const over = (event) => [rasterGrid, boxcarGrid, rnnGrid].find((grid) => charts.unit.containPixel({ gridIndex: grid }, [event.offsetX, event.offsetY]));
  charts.unit.getZr().on("mousemove", (event) => {
    const grid = over(event);
    if (grid === undefined) return;
    state.time = charts.unit.convertFromPixel({ gridIndex: grid }, [event.offsetX, event.offsetY])[0];
    showCursor();
  });
  charts.unit.getZr().on("click", (event) => {
    if (over(event) !== rasterGrid) return;
    const row = Math.round(charts.unit.convertFromPixel({ gridIndex: rasterGrid }, [event.offsetX, event.offsetY])[1]) - 1;
    const chosen = rasterRows(state)[row];
    if (chosen) { chooseTrial(`${chosen.tasteIndex}:${chosen.trial}`); drawAll(); }
  });
  charts.unit.getZr().on("globalout", () => {
    state.time = null;
    showCursor();
  });
  // The chart would keep the page from scrolling. With ctrl, it zooms.
  element("unit-chart").addEventListener("wheel", (event) => { if (!event.ctrlKey) event.stopPropagation(); }, { capture: true });
  charts.unit.on("dataZoom", () => {
    const { start, end } = charts.unit.getOption().dataZoom[0];
    zoom = { start, end };
    showCursor();
    remember();
  });
}

function restore() {
  const wanted = new URLSearchParams(location.hash.slice(1)), whole = (name) => Number.parseInt(wanted.get(name) ?? "", 10);
  chooseRegion(regionChoices[whole("region")] ? whole("region") : 0);
  if (chosenUnits().some(({ index }) => index === whole("unit"))) state.unit = whole("unit");
  if (page.regions[state.region].tastes[whole("taste")]) chooseTaste(whole("taste"));
  const trial = [...element("trial").querySelectorAll("option")].find((entry) => entry.value === wanted.get("trial"));
  if (trial) chooseTrial(trial.value);
  const show = [...element("show").options].find((entry) => entry.value === wanted.get("show"));
  state.show = element("show").value = show ? show.value : "mean";
  const [first, last] = (wanted.get("zoom") ?? "").split(":").map(Number.parseFloat);
  zoom = first >= 0 && last > first && last <= 100 ? { start: first, end: last } : { start: 0, end: 100 };
  element("z").checked = wanted.get("z") === "1";
  element("log").checked = wanted.get("log") !== "0";
  element("heat-section").open = wanted.get("heat") === "1";
}

function start() {
  for (const name of ["unit", "latents", "losses", "heat"]) charts[name] = echarts.init(element(`${name}-chart`), null, { renderer: "canvas" });
  element("region").replaceChildren(...regionChoices.map((choice, index) => option(index, choice.label)));
  restore();
  const on = (id, event, act) => element(id).addEventListener(event, act);
  on("region", "change", () => { chooseRegion(Number(element("region").value)); drawAll(); });
  on("unit", "change", () => { state.unit = Number(element("unit").value); drawAll(); });
  on("taste", "change", () => { chooseTaste(Number(element("taste").value)); drawAll(); });
  on("trial", "change", () => { chooseTrial(element("trial").value); drawAll(); });
  on("show", "change", () => { state.show = element("show").value; drawUnit(); remember(); });
  on("previous-unit", "click", () => stepMenu(element("unit"), -1));
  on("next-unit", "click", () => stepMenu(element("unit"), 1));
  on("zoom-in", "click", () => zoomBy(0.5));
  on("zoom-out", "click", () => zoomBy(2));
  on("zoom-all", "click", () => zoomBy(1e3));
  on("unit-chart", "keydown", pressKey);
  on("z", "change", () => { drawLatents(); remember(); });
  on("log", "change", () => { drawLosses(); remember(); });
  on("heat-section", "toggle", () => { if (element("heat-section").open) drawHeat(); remember(); });
  window.addEventListener("resize", () => { for (const chart of Object.values(charts)) chart.resize();
    if (element("heat-section").open) drawHeat();
    showCursor();
  });
  window.addEventListener("hashchange", () => { restore(); drawAll(); drawLosses(); });
  watchMouse();
  drawAll();
  drawLosses();
  document.body.dataset.ready = "true";
}

start();
