"use strict";
// The list of units: sorted by any column, and a unit chosen by mouse or keyboard.

const element = (id) => document.getElementById(id);

function tableCell(kind, text) {
  const cell = document.createElement(kind);
  cell.textContent = text;
  return cell;
}

const digits = (value, count) => (value === null ? "–" : value.toFixed(count));

/** key, head, text and value by which it sorts, of a unit; numbers fall first when clicked, texts rise. */
const unitColumns = [
  { key: "unit", head: "unit", text: (region, unit) => region.units[unit], value: (region, unit) => unit },
  { key: "region", head: "region", text: (region, unit) => region.unit_regions[unit], value: (region, unit) => region.unit_regions[unit] },
  { key: "rate", head: "Hz", falling: true, text: (region, unit) => digits(region.unit_rates_hz[unit], 1), value: (region, unit) => region.unit_rates_hz[unit] },
  { key: "score", head: "bits", falling: true, text: (region, unit) => digits(region.unit_bits[unit] ?? null, 2), value: (region, unit) => region.unit_bits[unit] ?? null },
  { key: "over", head: "more", falling: true, text: (region, unit) => digits(region.unit_bits_over_simple[unit] ?? null, 2),
    value: (region, unit) => region.unit_bits_over_simple[unit] ?? null },
  { key: "flags", head: "flags", text: (region, unit) => region.unit_flags[unit].join(", "), value: (region, unit) => region.unit_flags[unit].join() || null },
];

/** Units of the chosen region as indices, in the order of the list; those without a value come last. */
function sortedUnits(state) {
  const region = page.regions[state.region], { value } = unitColumns.find(({ key }) => key === state.sort);
  const units = region.units.map((_, unit) => unit).filter((unit) => !state.among || region.unit_regions[unit] === state.among);
  return units.sort((a, b) => {
    const x = value(region, a), y = value(region, b);
    if (x === null || y === null) return (x === null) - (y === null) || a - b;
    const order = typeof x === "number" ? x - y : x.localeCompare(y, undefined, { numeric: true });
    return (state.falling ? -order : order) || a - b;
  });
}

/** The unit whose hidden spikes are predicted best, or the one of the highest rate. */
function bestUnit(state) {
  const { unit_bits: bits } = page.regions[state.region];
  const sort = bits.some((value) => value !== null) ? "score" : "rate";
  return sortedUnits({ ...state, sort, falling: true })[0];
}

function shownColumns(state) {
  const several = new Set(page.regions[state.region].unit_regions).size > 1;
  return unitColumns.filter(({ key }) => key !== "region" || several);
}

/** Fills the list; `choose` is called with a unit. Returns nothing. */
function fillUnitList(state, choose, sort) {
  const region = page.regions[state.region], columns = shownColumns(state);
  element("unit-list").tHead.rows[0].replaceChildren(...columns.map((column) => {
    const head = tableCell("th", ""), button = tableCell("button", column.head);
    head.scope = "col";
    head.setAttribute("aria-sort", column.key !== state.sort ? "none" : state.falling ? "descending" : "ascending");
    button.type = "button";
    button.addEventListener("click", () => sort(column.key, column.key === state.sort ? !state.falling : Boolean(column.falling)));
    head.append(button);
    return head;
  }));
  element("unit-list").tBodies[0].replaceChildren(...sortedUnits(state).map((unit) => {
    const row = document.createElement("tr"), head = tableCell("th", ""), button = tableCell("button", region.units[unit]);
    head.scope = "row";
    button.type = "button";
    head.append(button);
    row.dataset.unit = unit;
    row.append(head, ...columns.slice(1).map((column) => {
      const cell = tableCell("td", column.text(region, unit));
      if (column.falling) cell.className = "number";
      return cell;
    }));
    row.addEventListener("click", () => choose(unit));
    return row;
  }));
  markChosenUnit(state);
}

/** Only the chosen unit's button is in the order of tabs. */
function markChosenUnit(state) {
  for (const row of element("unit-list").tBodies[0].rows) {
    const chosen = Number(row.dataset.unit) === state.unit, button = row.querySelector("button");
    row.classList.toggle("chosen", chosen);
    button.tabIndex = chosen ? 0 : -1;
    if (chosen) {
      button.setAttribute("aria-current", "true");
      const list = row.closest(".list"), top = row.offsetTop - list.clientHeight / 2;
      if (row.offsetTop < list.scrollTop + 40 || row.offsetTop + row.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top;
    } else button.removeAttribute("aria-current");
  }
}

/** The unit `by` places further down the list, or the nearest to it. */
function unitBeside(state, by) {
  const units = sortedUnits(state);
  return units[Math.min(units.length - 1, Math.max(0, units.indexOf(state.unit) + by))];
}
