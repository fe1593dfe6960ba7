"use strict";
// A click on a column's head sorts the table of sessions by it, a second one the other way round.

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
}

heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => sortBy(column)));
