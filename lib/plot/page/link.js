"use strict";
// All that is chosen, and its place in the link.

const state = { region: 0, among: "", unit: 0, taste: -1, trialTaste: -1, trial: -1, show: "mean", time: null, sort: "score", falling: true,
                methods: new Set(), order: "peak", scale: "unit", spikes: false, latents: "time", axes: [0, 1, 2], turn: 30, tilt: 25, z: false };
let zoom = { start: 0, end: 100 };
const usualMethods = ["rnn", "outOfFold", "truth"];
const methodKeys = ["rnn", "outOfFold", "boxcar", "truth", ...Object.keys(methodTitles)];

/** What a link leaves out is as here. */
const usual = () => ({ show: "mean", sort: "score-", methods: usualMethods.join("+"), order: "peak", scale: "unit", spikes: "0", latents: "time",
                       axes: "0+1+2", turn: "30", tilt: "25", z: "0", log: "1", heat: "0", zoom: "0:100" });

/** [name, value] of all that is chosen, in the order of the link. */
function parts() {
  const rounded = [zoom.start, zoom.end].map((share) => Number(share.toFixed(3)));
  return [["region", element("region").value], ["unit", state.unit], ["taste", state.taste],
          ["trial", state.trial >= 0 ? `${state.trialTaste}:${state.trial}` : ""], ["show", state.show], ["zoom", rounded.join(":")],
          ["sort", state.sort + (state.falling ? "-" : "")], ["methods", methodKeys.filter((key) => state.methods.has(key)).join("+")],
          ["order", state.order], ["scale", state.scale], ["spikes", Number(state.spikes)], ["latents", state.latents],
          ["axes", state.axes.join("+")], ["turn", state.turn], ["tilt", state.tilt], ["z", Number(state.z)],
          ["log", Number(element("log").checked)], ["heat", Number(element("heat-section").open)]];
}

let told = "";

/** Keeps all that is chosen in the link, and tells a page that compares this one with another. */
function remember() {
  const kept = parts().filter(([name, value]) => String(value) !== (usual()[name] ?? (name === "trial" ? "" : null)));
  const hash = `#${kept.map(([name, value]) => `${name}=${value}`).join("&")}`;
  history.replaceState(null, "", hash);
  if (window.parent !== window && hash !== told) window.parent.postMessage({ hash, opened: !document.body.dataset.ready }, "*");
  told = hash;
}

/** Follows a page that compares this one with another. */
function watchParent() {
  window.addEventListener("message", ({ source, data }) => {
    if (source !== window.parent || source === window || typeof data?.hash !== "string") return;
    told = data.hash;
    if (data.hash !== location.hash) location.replace(data.hash);
  });
}

/** What a link says, {name: text}, and for all else what is usual. */
function wantedState() {
  const link = Object.fromEntries(location.hash.slice(1).split("&").map((part) => part.split("=")).filter((part) => part.length === 2));
  return { ...usual(), ...link };
}

/** Values of menus and boxes; nonsense leaves the usual one. */
function restoreViews(wanted) {
  const among = (name, id = name) => ([...element(id).options].some((entry) => entry.value === wanted[name]) ? wanted[name] : usual()[name]);
  for (const name of ["show", "order", "scale", "latents"]) state[name] = element(name).value = among(name);
  for (const name of ["spikes", "z"]) state[name] = element(name).checked = wanted[name] === "1";
  element("log").checked = wanted.log !== "0";
  element("heat-section").open = wanted.heat === "1";
  const sort = wanted.sort.replace(/-$/, "");
  const known = unitColumns.some(({ key }) => key === sort);
  state.sort = known ? sort : "score";
  state.falling = known ? wanted.sort.endsWith("-") : true;
  state.methods = new Set(wanted.methods.split("+").filter((key) => methodKeys.includes(key)));
  for (const [name, most] of [["turn", 180], ["tilt", 90]]) {
    const angle = Number(wanted[name]);
    state[name] = Math.abs(angle) <= most ? angle : Number(usual()[name]);
    element(name).value = state[name];
  }
  const axes = wanted.axes.split("+").map(Number);
  state.axes = axes.length === 3 && axes.every((axis) => axis >= 0 && axis < factorCount()) ? axes : [0, 1, 2].map((axis) => Math.min(axis, factorCount() - 1));
  const [first, last] = wanted.zoom.split(":").map(Number.parseFloat);
  zoom = first >= 0 && last > first && last <= 100 ? { start: first, end: last } : { start: 0, end: 100 };
}

const factorCount = () => page.regions[state.region].tastes.find(({ latents }) => latents)?.latents.rows ?? 1;
