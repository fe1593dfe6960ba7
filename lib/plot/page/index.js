"use strict";
// A table of sessions that sorts by any column, and a chart of their scores on hidden spikes in the same order.

const table = document.querySelector("table.sortable");
const heads = [...table.tHead.rows[0].cells];

function sortBy(column) {
  const ascending = heads[column].getAttribute("aria-sort") !== "ascending";
  const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
  const compare = (a, b) => {
    const x = key(a), y = key(b);
    if (x === "" || y === "") return (x === "") - (y === "");  // sessions without this value come last
    const numbers = Number(x) - Number(y);
    const order = Number.isNaN(numbers) ? x.localeCompare(y, undefined, { numeric: true }) : numbers;
    return ascending ? order : -order;
  };
  table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare));
  heads.forEach((head, index) => head.setAttribute("aria-sort", index === column ? (ascending ? "ascending" : "descending") : "none"));
  drawScores();
}

heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => sortBy(column)));

function svgNode(kind, attributes, text = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

/** A value of a row by its column's name; null where it has none. */
function valueIn(row, name) {
  const cell = row.cells[heads.findIndex((head) => head.textContent === name)];
  return cell?.dataset.value ? { value: Number(cell.dataset.value), error: Number(cell.dataset.error || 0) } : null;
}

/** [{name, verdict, ours, simple}] of the sessions that have a score. */
function scoredSessions() {
  return [...table.tBodies[0].rows].flatMap((row) => {
    const ours = valueIn(row, "bits_per_hidden_spike"), over = valueIn(row, "bits_over_best_simple");
    if (!ours) return [];
    return [{ name: row.cells[0].textContent, verdict: row.cells[1].className, ours, simple: over ? ours.value - over.value : null }];
  });
}

/** A round step for about five ticks. */
function tickStep(length) {
  const power = 10 ** Math.floor(Math.log10(length / 5));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => length / step <= 6);
}

/** A row for each session: a dot with its standard error, in the colour of its verdict; a ring, the best simple method. */
function drawScores() {
  const chart = document.getElementById("scores"), sessions = scoredSessions();
  chart.closest("figure").hidden = sessions.length === 0;
  if (!sessions.length) return;
  const row = 20, left = 220, right = 700, bottom = sessions.length * row + 6;
  const values = sessions.flatMap(({ ours, simple }) => [ours.value - ours.error, ours.value + ours.error, simple ?? 0, 0]);
  const low = Math.min(...values), high = Math.max(...values, low + 1e-3), step = tickStep(high - low);
  const x = (value) => left + ((value - low) / (high - low)) * (right - left - 20) + 10;
  const nodes = [];
  for (let k = Math.ceil(low / step); k * step <= high; ++k) {
    nodes.push(svgNode("line", { x1: x(k * step), x2: x(k * step), y1: 0, y2: bottom, class: k === 0 ? "zero" : "tick" }),
               svgNode("text", { x: x(k * step), y: bottom + 14, "text-anchor": "middle" }, String(Number((k * step).toPrecision(6)))));
  }
  sessions.forEach(({ name, verdict, ours, simple }, index) => {
    const y = index * row + row / 2 + 2, mark = svgNode("g", { class: verdict || "none" });
    const label = name.length > 28 ? `${name.slice(0, 27)}…` : name;
    mark.append(svgNode("line", { x1: x(ours.value - ours.error), x2: x(ours.value + ours.error), y1: y, y2: y }),
                svgNode("circle", { cx: x(ours.value), cy: y, r: 5 }));
    nodes.push(svgNode("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, label), mark);
    if (simple !== null) nodes.push(svgNode("circle", { cx: x(simple), cy: y, r: 4, class: "simple" }));
  });
  nodes.push(svgNode("text", { x: (left + right) / 2, y: bottom + 32, "text-anchor": "middle" }, "bits per hidden spike"));
  chart.setAttribute("viewBox", `0 0 ${right} ${bottom + 38}`);
  chart.replaceChildren(...nodes);
}

drawScores();
