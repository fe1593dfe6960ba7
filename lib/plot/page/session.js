"use strict";
// Draws a session's page and follows mouse, keyboard and menus.

const charts = {};
/** Of charts in print, in pixels: that of A4 and of US letter less their margins. */
const paperWidth = 680;
const chartNames = ["unit", "population", "latents", "losses", "heat"];

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
  const [x, y] = charts.unit.convertToPixel({ gridIndex: rasterGrid }, [state.time, 1]);
  charts.unit.dispatchAction({ type: "updateAxisPointer", currTrigger: "mousemove", x, y });
}

function drawView(name) {
  charts[name].setOption(views[name].option(charts[name]), { notMerge: true });
}

function drawUnit() {
  drawView("unit");
  describe();
  fillLegend();
  showCursor();
  if (element("heat-section").open) drawHeat();
}

function drawHeat() {
  charts.heat.resize();
  drawView("heat");
}

function drawPopulation() {
  element("population-of").textContent = describePopulation(state);
  charts.population.getDom().setAttribute("aria-label", `Heat map of inferred rates, units by time: ${describePopulation(state)}.`);
  drawView("population");
}

function drawLatents() {
  const inSpace = state.latents !== "time";
  element("latents-of").textContent = describeLatents(state);
  element("axes").hidden = !inSpace;
  element("z-label").hidden = inSpace;
  for (const part of document.querySelectorAll(".in-3d")) part.hidden = state.latents !== "3d";
  state.axes.forEach((factor, axis) => { element(`axis-${axis}`).value = factor; });
  charts.latents.getDom().setAttribute("aria-label", `Latent factors, ${element("latents").selectedOptions[0].text}: ${describeLatents(state)}.`);
  drawView("latents");
}

function drawLosses() {
  charts.losses.getDom().setAttribute("aria-label", `Training and validation losses of ${counted(page.losses.length, "network")} by step.`);
  drawView("losses");
}

function drawAll() {
  fillMethods();
  drawUnit();
  drawPopulation();
  drawLatents();
  markChosenUnit(state);
  element("unit").value = state.unit;
  element("taste").value = state.taste;
  element("trial").value = state.trial < 0 ? "" : `${state.trialTaste}:${state.trial}`;
  remember();
}

function chooseUnit(unit) {
  state.unit = unit;
  drawAll();
}

function sortUnits(sort, falling) {
  Object.assign(state, { sort, falling });
  fillUnitList(state, chooseUnit, sortUnits);
  if (state.order === "list") drawPopulation();
  remember();
}

function chooseRegion(index) {
  const choice = regionChoices[index];
  Object.assign(state, { region: choice.region, among: choice.among, taste: -1, trial: -1, trialTaste: -1 });
  state.unit = bestUnit(state);
  state.axes = state.axes.map((axis) => Math.min(axis, factorCount() - 1));
  element("region").value = index;
  fillMenus();
  fillUnitList(state, chooseUnit, sortUnits);
}

function chooseTaste(taste) {
  state.taste = taste;
  if (taste >= 0 && state.trialTaste !== taste) state.trial = state.trialTaste = -1;
  fillTrials();
}

function chooseTrial(text) {
  [state.trialTaste, state.trial] = text ? text.split(":").map(Number) : [-1, -1];
}

function stepUnit(by) {
  const unit = unitBeside(state, by);
  if (unit !== state.unit) chooseUnit(unit);
}

/** The next or previous trial of the menu. */
function stepTrial(by) {
  const menu = element("trial"), next = menu.selectedIndex + by;
  if (next < 0 || next >= menu.options.length) return;
  chooseTrial(menu.options[next].value);
  drawAll();
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

/** Does what `actions` has for the key that was pressed. */
function onKey(actions) {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  };
}

const chartKeys = { ArrowLeft: () => moveCursor(-1), ArrowRight: () => moveCursor(1), Home: () => moveCursor(-1e6), End: () => moveCursor(1e6),
                    ArrowUp: () => stepTrial(-1), ArrowDown: () => stepTrial(1), "+": () => zoomBy(0.5), "-": () => zoomBy(2), 0: () => zoomBy(1e3),
                    Escape: () => { state.time = null; chooseTrial(""); drawAll(); } };

/** Keys in the list keep the focus on the chosen unit. */
function listKeys() {
  const to = (by) => () => {
    stepUnit(by);
    element("unit-list").querySelector("[aria-current]").focus();
  };
  return { ArrowUp: to(-1), ArrowDown: to(1), Home: to(-1e6), End: to(1e6) };
}

function watchMouse() {
  const over = (event) => [rasterGrid, psthGrid, rnnGrid].find((grid) => charts.unit.containPixel({ gridIndex: grid }, [event.offsetX, event.offsetY]));
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
  charts.population.getZr().on("click", (event) => {
    if (!charts.population.containPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY])) return;
    const row = Math.round(charts.population.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY])[1]) - 1;
    const chosen = populationRows(state)[row];
    if (chosen) chooseUnit(chosen.unit);
  });
  watchTurning();
}

/** Dragging turns the factors in space. */
function watchTurning() {
  let from = null;
  charts.latents.getZr().on("mousedown", (event) => { from = state.latents === "3d" ? [event.offsetX, event.offsetY, state.turn, state.tilt] : null; });
  charts.latents.getZr().on("mouseup", () => { from = null; });
  charts.latents.getZr().on("mousemove", (event) => {
    if (!from) return;
    const [x, y, turn, tilt] = from, turned = turn + (event.offsetX - x) / 2;
    state.turn = Math.round(((((turned + 180) % 360) + 360) % 360) - 180);
    state.tilt = Math.round(Math.min(90, Math.max(-90, tilt + (event.offsetY - y) / 2)));
    for (const name of ["turn", "tilt"]) element(name).value = state[name];
    drawLatents();
    remember();
  });
}

function restore() {
  const wanted = wantedState(), whole = (name) => Number.parseInt(wanted[name] ?? "", 10);
  chooseRegion(regionChoices[whole("region")] ? whole("region") : 0);
  restoreViews(wanted);
  if (sortedUnits(state).includes(whole("unit"))) state.unit = whole("unit");
  if (page.regions[state.region].tastes[whole("taste")]) chooseTaste(whole("taste"));
  const trial = [...element("trial").querySelectorAll("option")].find((entry) => entry.value === wanted.trial);
  if (trial) chooseTrial(trial.value);
  fillUnitList(state, chooseUnit, sortUnits);
}

/** Charts are redrawn in the colours of the style sheet; on paper in the light ones. */
function watchTheme() {
  const redraw = () => { readTheme(); drawAll(); drawLosses(); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  const print = (light) => () => {
    document.documentElement.classList.toggle("on-paper", light);
    for (const chart of Object.values(charts)) chart.resize(light ? { width: paperWidth } : { width: "auto" });
    redraw();
  };
  window.addEventListener("beforeprint", print(true));
  window.addEventListener("afterprint", print(false));
}

function watchMenus() {
  const on = (id, event, act) => element(id).addEventListener(event, act);
  const chosen = (id, draw, value = (menu) => menu.value, event = "change") => on(id, event, () => { state[id] = value(element(id)); draw(); remember(); });
  on("region", "change", () => { chooseRegion(Number(element("region").value)); drawAll(); });
  on("unit", "change", () => chooseUnit(Number(element("unit").value)));
  on("taste", "change", () => { chooseTaste(Number(element("taste").value)); drawAll(); });
  on("trial", "change", () => { chooseTrial(element("trial").value); drawAll(); });
  on("previous-unit", "click", () => stepUnit(-1));
  on("next-unit", "click", () => stepUnit(1));
  on("previous-trial", "click", () => stepTrial(-1));
  on("next-trial", "click", () => stepTrial(1));
  on("zoom-in", "click", () => zoomBy(0.5));
  on("zoom-out", "click", () => zoomBy(2));
  on("zoom-all", "click", () => zoomBy(1e3));
  on("unit-chart", "keydown", onKey(chartKeys));
  on("unit-list", "keydown", onKey(listKeys()));
  chosen("show", drawUnit);
  for (const id of ["order", "scale"]) chosen(id, drawPopulation);
  chosen("spikes", drawPopulation, (box) => box.checked);
  chosen("latents", drawLatents);
  chosen("z", drawLatents, (box) => box.checked);
  for (const id of ["turn", "tilt"]) chosen(id, drawLatents, (range) => Number(range.value), "input");
  for (const axis of [0, 1, 2]) on(`axis-${axis}`, "change", () => { state.axes[axis] = Number(element(`axis-${axis}`).value); drawLatents(); remember(); });
  on("methods", "change", (event) => { state.methods[event.target.checked ? "add" : "delete"](event.target.value); drawUnit(); remember(); });
  on("log", "change", () => { drawLosses(); remember(); });
  on("heat-section", "toggle", () => { if (element("heat-section").open) drawHeat(); remember(); });
  window.addEventListener("resize", () => {
    for (const chart of Object.values(charts)) chart.resize();
    if (element("heat-section").open) drawHeat();
    drawUnit();
  });
  window.addEventListener("hashchange", () => { restore(); drawAll(); drawLosses(); });
}

async function start() {
  if (!window.DecompressionStream) return void (element("too-old").hidden = false);
  await inflateBytes();
  readTheme();
  for (const name of chartNames) charts[name] = echarts.init(element(`${name}-chart`), null, { renderer: "canvas" });
  element("region").replaceChildren(...regionChoices.map((choice, index) => option(index, choice.label)));
  const word = page.condition_word;
  for (const place of document.querySelectorAll(".condition-word")) place.textContent = word.charAt(0).toUpperCase() + word.slice(1);
  addSaveButtons();
  restore();
  watchMenus();
  watchMouse();
  watchTheme();
  watchParent();
  drawAll();
  drawLosses();
  document.body.dataset.ready = "true";
}

start();
