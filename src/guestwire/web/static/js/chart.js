// One chart: lines or stacked areas over time, gaps left empty and shaded, a read-out of what is under the pointer.

import uPlot from "../vendor/uplot/uPlot.js";
import { h, say } from "./dom.js";
import { because, byUnit, moment, percent } from "./format.js";

const HEIGHT = 150;
const COLOURS = 8;
const HOLDS = 300; // seconds that a figure is good for, as rules have it
const LEAST = { ratio: 0.1, bytes: 1024, bytes_per_second: 1024, seconds: 0.001, per_second: 1, count: 1 };
// Names that are the same thing everywhere keep their colour, and what nobody worries about is not red.
const COLOUR_OF = { user: 1, system: 2, iowait: 3, steal: 4, irq: 5, softirq: 7, nice: 6, used: 1, cached: 3, buffers: 7, free: 8 };
const WHOLE = new Set(["filesystems", "inodes", "disk_busy"]); // drawn from nothing to full

const DOUBLING = Array.from({ length: 60 }, (_, at) => 2 ** at); // bytes are counted in powers of two
const two = (value) => String(value).padStart(2, "0");

// The page's colours as a canvas wants them: a token's value with light and dark settled.
export function colour(name) {
  const probe = h("i", { hidden: true });
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

export class Chart {
  #plot = null;
  #data = null;
  #raw = [];
  #place = h("div", { class: "plot" });
  #why = h("div", { class: "why", hidden: true });
  #when = h("output");
  #legend = h("ul");
  #values = [];
  #gaps = [];
  #names = "";
  #seen = false;
  #format;

  // spec: {name, title, unit, stacked}; chosen(start, end) is told what a drag selected.
  constructor(spec, chosen, whole) {
    this.spec = spec;
    this.chosen = chosen;
    this.whole = whole;
    this.#format = byUnit(spec.unit);
    this.element = h("article", { class: "chart", "data-chart": spec.name }, h("header", null, h("h2", null, spec.title), this.#when), this.#place, this.#why, this.#legend);
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#place);
    new IntersectionObserver(([entry]) => {
      this.#seen = entry.isIntersecting;
      if (this.#seen) this.draw();
    }, { rootMargin: "200px" }).observe(this.element);
  }

  // times in seconds; series: [{name, values}]; gaps: [{start, end, reason}].
  set(times, series, gaps, window, reason) {
    series = series.map(({ name, values }) => ({ name, values: joined(times, values, gaps) }));
    this.#raw = series;
    this.#gaps = gaps;
    this.window = window;
    const names = JSON.stringify(series.map(({ name }) => name));
    if (names !== this.#names) this.#forget(names);
    this.#place.hidden = series.length === 0;
    this.#why.hidden = series.length > 0;
    say(this.#why, because(reason));
    this.#data = series.length ? [times, ...(this.spec.stacked ? stack(series) : series.map(({ values }) => values))] : null;
    this.#read(null);
    if (this.#seen) this.draw();
  }

  draw() {
    if (this.#data === null || !this.#place.clientWidth) return;
    if (this.#plot === null) this.#plot = new uPlot(this.#options(), this.#data, this.#place);
    else if (this.#plot.data !== this.#data) this.#plot.setData(this.#data, false);
    this.#plot.setScale("x", { min: this.window[0], max: this.window[1] });
  }

  // Colours changed: a canvas has to be made anew.
  repaint() {
    this.#forget(this.#names);
    this.draw();
  }

  #forget(names) {
    this.#names = names;
    this.#plot?.destroy();
    this.#plot = null;
    this.#values = this.#raw.map(() => h("b"));
    const colours = this.#raw.map(({ name }, at) => colourOf(name, at));
    this.#legend.replaceChildren(
      ...this.#raw.map(({ name }, at) => {
        const swatch = h("i");
        swatch.style.background = colours[at];
        return h("li", null, swatch, h("span", { title: name }, name), this.#values[at]);
      }),
    );
    this.#read(null);
  }

  #size() {
    return { width: this.#place.clientWidth, height: HEIGHT };
  }

  // What is under the pointer, or else the newest figures.
  #read(at) {
    const times = this.#data?.[0] ?? [];
    this.#raw.forEach(({ values }, index) => {
      let last = at ?? values.length - 1;
      while (last > 0 && (at === null ? values[last] === null : values[last] === undefined)) last -= 1;
      const value = values[last] ?? null;
      say(this.#values[index], this.#format(value));
    });
    if (at === null) {
      say(this.#when, "");
      return;
    }
    const gap = this.#gaps.find(({ start, end }) => start <= times[at] && times[at] <= end);
    say(this.#when, `${moment(times[at])}${gap ? ` · ${because(gap.reason)}` : ""}`);
  }

  #options() {
    const { stacked, unit, name } = this.spec;
    const [line, muted] = [colour("line"), colour("muted")];
    const font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const series = this.#raw.map(({ name: of }, at) => {
      const stroke = colourOf(of, at);
      const alone = this.#raw.length === 1 && !stacked;
      const fill = stacked ? shade(stroke, 0.42) : alone ? shade(stroke, 0.12) : undefined;
      const few = this.#raw[at].values.filter((value) => value !== null && value !== undefined).length < 3;
      return { stroke, width: stacked ? 1 : 1.5, fill, points: { show: few, size: 4, fill: stroke }, spanGaps: false };
    });
    const axis = { stroke: muted, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
    return {
      ...this.#size(),
      series: [{}, ...series],
      bands: stacked ? this.#raw.slice(1).map((_, at) => ({ series: [at + 2, at + 1] })) : [],
      legend: { show: false },
      padding: [8, 18, 0, 0],
      cursor: { sync: { key: "guest" }, drag: { x: true, y: false, setScale: false }, y: false, points: { size: 6 } },
      scales: { x: { time: true }, y: { range: (_, low, high) => bounds(unit, low, high, WHOLE.has(name)) } },
      axes: [
        { ...axis, grid: { show: false }, space: 70, size: 26, values: (_, splits, __, ___, step) => splits.map((at) => timeText(at, step)) },
        { ...axis, ...upright(unit, this.#format) },
      ],
      hooks: {
        drawAxes: [(plot) => shadeGaps(plot, this.#gaps)],
        setCursor: [(plot) => this.#read(plot.cursor.idx ?? null)],
        setSelect: [(plot) => this.#select(plot)],
        ready: [(plot) => plot.over.addEventListener("dblclick", () => this.whole())],
      },
    };
  }

  #select(plot) {
    const { left, width } = plot.select;
    if (width < 4) return;
    const [start, end] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    this.chosen(start, end);
  }
}

const colourOf = (name, at) => colour(`chart-${COLOUR_OF[name] ?? (at % COLOURS) + 1}`);

// The axis of figures: few round ones.
function upright(unit, format) {
  const text = unit === "ratio" ? percent : format;
  const values = (_, splits) => splits.map((value) => (value === 0 ? "0" : text(value).replace(/\.0+(?=\D|$)/, "")));
  return { size: 62, space: 26, values, ...(unit.startsWith("bytes") ? { incrs: DOUBLING } : {}) };
}

const shade = (rgb, alpha) => rgb.replace("rgb(", "rgba(").replace(")", `, ${alpha})`);

// Figures that are asked for less often than the grid is fine leave holes that are no gaps: a figure holds for a while.
// uPlot draws a line over what is undefined and leaves out what is null.
function joined(times, values, gaps) {
  const found = values.slice();
  let last = -1;
  values.forEach((value, at) => {
    if (value === null || value === undefined) return;
    const hole = last >= 0 && at - last > 1;
    const torn = hole && (times[at] - times[last] > HOLDS || gaps.some(({ start, end }) => start < times[at] && end > times[last]));
    if (hole && !torn) found.fill(undefined, last + 1, at);
    last = at;
  });
  return found;
}

function stack(series) {
  const sums = [];
  return series.map(({ values }) =>
    values.map((value, at) => {
      if (value === null || value === undefined) return value;
      sums[at] = (sums[at] ?? 0) + value;
      return sums[at];
    }),
  );
}

function bounds(unit, low, high, whole) {
  if (whole) return [0, 1];
  const top = Math.max(high ?? 0, low < 0 ? 0 : (LEAST[unit] ?? 1));
  const bottom = Math.min(0, low ?? 0);
  return [bottom * 1.06, top * 1.06 || 1];
}

function shadeGaps(plot, gaps) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colour("gap");
  for (const { start, end } of gaps) {
    const left = Math.max(bbox.left, plot.valToPos(start, "x", true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(end, "x", true));
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
}

function timeText(at, step) {
  const time = new Date(at * 1000);
  const day = `${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const hour = `${two(time.getHours())}:${two(time.getMinutes())}`;
  if (step >= 86400) return day;
  if (step < 60) return `${hour}:${two(time.getSeconds())}`;
  return hour === "00:00" ? day : hour;
}
