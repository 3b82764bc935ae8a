// Draws each chart as it comes into view, and shows one choice in all of them.
const dark = matchMedia("(prefers-color-scheme: dark)");
const views = new Map();
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

async function draw(figure) {
  const spec = JSON.parse(figure.querySelector("script").textContent);
  const stage = figure.querySelector(".stage");
  const slider = figure.querySelector(".slider input");
  spec.config = look();
  for (const each of spec.params) {
    if (each.name === "chosen") each.value = chosen;
    if (slider && each.name === slider.dataset.name) each.value = step(slider);
  }
  const room = figure.clientWidth - 20;
  // One seed has no interval: of that Vega warns, and errors alone are told.
  const options = { ast: true, actions: false, renderer: "svg", logLevel: 1 };
  const made = await window.vegaEmbed(stage, narrowed(spec, room), options);
  figure.classList.add("live");
  views.set(figure, made.view);
  made.view.addEventListener("click", (_, item) => {
    const name = item && item.datum && item.datum.choice;
    if (name) choose(name);
  });
}

function step(slider) {
  return JSON.parse(slider.dataset.values)[slider.valueAsNumber];
}

function choose(name) {
  chosen = chosen === name ? null : name;
  for (const button of document.querySelectorAll("#choices button"))
    button.setAttribute("aria-pressed", String(button.dataset.choice === chosen));
  for (const row of document.querySelectorAll("tr[data-of]"))
    row.classList.toggle("faded", chosen !== null && row.dataset.of !== chosen);
  for (const view of views.values()) view.signal("chosen", chosen).runAsync();
}

function cell(value) {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function save(figure, name) {
  const rows = JSON.parse(figure.querySelector("script").textContent).data.values;
  const heads = [...new Set(rows.flatMap(Object.keys))];
  const lines = [heads, ...rows.map((row) => heads.map((head) => row[head]))];
  const text = lines.map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = `${name}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

document.documentElement.classList.add("scripted");
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.choice !== undefined) choose(button.dataset.choice);
  else if (button.classList.contains("csv")) save(button.closest("figure"), button.dataset.name);
});
document.addEventListener("input", ({ target }) => {
  const view = target.type === "range" && views.get(target.closest("figure"));
  if (!view) return;
  target.nextElementSibling.textContent = step(target);
  view.signal(target.dataset.name, step(target)).runAsync();
});

const charts = document.querySelectorAll("figure.chart");
const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      draw(target);
    }
  },
  { rootMargin: "600px" },
);
charts.forEach((figure) => near.observe(figure));
dark.addEventListener("change", () => {
  for (const figure of views.keys()) draw(figure);
});
