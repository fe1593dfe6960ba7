"use strict";
// "Save this view": a chart as SVG, as PNG of 300 dpi, and what it shows as a table.

/** By view: the option that is drawn, and its table. */
const views = {
  unit: { option: (chart) => unitOption(state, chart.getHeight(), zoom), table: () => unitTable(state), title: () => element("shown").textContent },
  heat: { option: (chart) => heatOption(state, chart.getWidth()), table: () => heatTable(state), title: () => `heat ${element("shown").textContent}` },
  population: { option: () => populationOption(state), table: () => populationTable(state), title: () => `population ${describePopulation(state)}` },
  latents: { option: () => latentsOption(state), table: () => latentsTable(state), title: () => `latents ${state.latents}` },
  losses: { option: () => lossesOption(element("log").checked), table: lossesTable, title: () => "losses" },
};

const csvCell = (value) => (typeof value === "number" ? String(Number.isFinite(value) ? Number(value.toPrecision(7)) : "")
  : /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

function svgOf(view) {
  const chart = charts[view], copy = echarts.init(null, null, { renderer: "svg", ssr: true, width: chart.getWidth(), height: chart.getHeight() });
  copy.setOption({ ...views[view].option(chart), ...(view === "unit" ? { dataZoom: [{ type: "inside", xAxisIndex: [0, 1, 2], filterMode: "none", ...zoom }] } : {}) });
  const svg = copy.renderToSVGString();
  copy.dispose();
  return svg.replace(/(<svg[^>]*>)/, `$1<title>${escaped(`${page.session}, ${views[view].title()}`)}</title><desc>${escaped(element("lead").textContent)}</desc>`);
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const formats = {
  SVG: { type: "image/svg+xml", content: svgOf },
  PNG: { type: "image/png", content: (view) => unpackedBytes(charts[view].getDataURL({ pixelRatio: 300 / 96, backgroundColor: theme.paper }).split(",")[1]) },
  CSV: { type: "text/csv", content: (view) => views[view].table().map((row) => row.map(csvCell).join()).join("\n") + "\n" },
};

function saveView(view, format) {
  const { type, content } = formats[format], link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content(view)], { type }));
  link.download = `${page.session} ${views[view].title()}`.replace(/[^\p{L}\p{N}.-]+/gu, "_") + `.${format.toLowerCase()}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function addSaveButtons() {
  for (const place of document.querySelectorAll(".save")) {
    place.append("Save this view: ", ...Object.keys(formats).map((format) => {
      const button = tableCell("button", format);
      button.type = "button";
      button.setAttribute("aria-label", `Save ${place.dataset.view} view as ${format}`);
      button.addEventListener("click", () => saveView(place.dataset.view, format));
      return button;
    }));
  }
}
