// Draws each chart as it comes into view, and shows one choice in all of them.
const dark = matchMedia("(prefers-color-scheme: dark)");
const views = new Map(); // null: is being drawn
const near = new Set();
let chosen = null;

function look() {
  const ink = dark.matches ? "#e8e8ea" : "#222";
  const line = dark.matches ? "#3c3c44" : "#dcdce4";
  const words = { labelColor: ink, titleColor: ink };
  return {
    background: null,
    view: { stroke: null },
    axis: { ...words, gridColor: line, domainColor: line, tickColor: line, labelLimit: 200, titleFontWeight: "normal" },
    header: words,
    legend: words,
  };
}

// Ours are made for a wide screen: 640 pixels, or two charts side by side.
function narrowed(spec, room) {
  const inner = spec.facet ? spec.spec : spec;
  if (typeof inner.width !== "number" || inner.width <= 150) return spec;
  const most = Math.max(160, room - 130);
  if (inner.width > most) inner.width = most;
  if (spec.columns === 2 && 2 * inner.width + 130 > room) {
    spec.columns = 1;
    inner.width = Math.min(most, 480);
  }
  return spec;
}

function content(figure) {
  return JSON.parse(figure.querySelector("script").textContent);
}

// Columns of values, or of places in a list of words.
function rowsOf({ count, columns }) {
  const read = Object.entries(columns).map(([name, column]) =>
    [name, Array.isArray(column) ? (i) => column[i] : (i) => column.levels[column.codes[i]]]);
  return Array.from({ length: count }, (_, i) => Object.fromEntries(read.map(([name, at]) => [name, at(i)])));
}

// What is far away waits until it comes near: a study may have more charts than can be redrawn at once.
function update(figure) {
  const view = views.get(figure);
  if (view === undefined) draw(figure);
  else if (view && view.signal("chosen") !== chosen) view.signal("chosen", chosen).runAsync();
}

async function draw(figure) {
  views.set(figure, null);
  const { spec, ...table } = content(figure);
  const stage = figure.querySelector(".stage");
  spec.data = { values: rowsOf(table) };
  spec.config = look();
  const set = Object.fromEntries([...figure.querySelectorAll("[data-values]")].map((each) => [each.dataset.name, value(each)]));
  for (const each of spec.params) each.value = each.name === "chosen" ? chosen : set[each.name];
  const room = figure.clientWidth - 20;
  const options = { ast: true, actions: false, renderer: "svg" };
  const made = await window.vegaEmbed(stage, narrowed(spec, room), options);
  figure.classList.add("live");
  views.set(figure, made.view);
  if (near.has(figure)) update(figure); // something else may have been chosen meanwhile
  made.view.addEventListener("click", (_, item) => {
    const name = item && item.datum && item.datum.choice;
    if (name) choose(name);
  });
}

function value(control) {
  const place = control.type === "range" ? control.valueAsNumber : control.selectedIndex;
  return JSON.parse(control.dataset.values)[place];
}

function choose(name) {
  chosen = chosen === name ? null : name;
  for (const button of document.querySelectorAll("#choices button"))
    button.setAttribute("aria-pressed", String(button.dataset.choice === chosen));
  for (const row of document.querySelectorAll("tr[data-of]"))
    row.classList.toggle("faded", chosen !== null && row.dataset.of !== chosen);
  near.forEach(update);
}

function cell(value) {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function save(figure, name) {
  const table = content(figure);
  const rows = rowsOf(table);
  const heads = Object.keys(table.columns);
  const lines = [heads, ...rows.map((row) => heads.map((head) => row[head]))];
  const text = lines.map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = `${name}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

// One seed has no interval, and layers share a scale: of that Vega warns, and its compiler takes
// no level. Errors alone are told.
console.warn = () => {};
document.documentElement.classList.add("scripted");
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.choice !== undefined) choose(button.dataset.choice);
  else if (button.classList.contains("csv")) save(button.closest("figure"), button.dataset.name);
});
document.addEventListener("input", ({ target }) => {
  const view = target.dataset.values && views.get(target.closest("figure"));
  if (!view) return;
  if (target.type === "range") target.nextElementSibling.textContent = value(target);
  view.signal(target.dataset.name, value(target)).runAsync();
});

const observer = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) near.add(target);
      else near.delete(target);
    }
    near.forEach(update);
  },
  { rootMargin: "600px" },
);
document.querySelectorAll("figure.chart").forEach((figure) => observer.observe(figure));
dark.addEventListener("change", () => {
  views.clear();
  near.forEach(update);
});
