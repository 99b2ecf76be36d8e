// All charts of a guest: one request fills them, events lengthen them.

import { get, guestPath } from "./api.js";
import { Chart } from "./chart.js";
import { h } from "./dom.js";
import { because, known } from "./format.js";
import { Range } from "./range.js";
import { attempt } from "./shell.js";

// The guest's own view stands beside the host's.
const ORDER = "cpu host_cpu memory host_memory load pressure filesystems inodes disk_bytes disk_ops disk_busy network network_errors swap processes round_trip clock".split(" ");
const MODES = "user system iowait steal softirq irq nice".split(" "); // the first is drawn at the bottom
const POINTS = 360;
const FOLLOWED = 21600; // up to this length, new figures are appended; beyond, charts are fetched again at each step

export class Graphs {
  #id;
  #grid;
  #unknown;
  #charts = new Map();
  #data = null;
  #range;
  #loading = null;
  #loaded = 0;

  constructor(id, place, grid, unknown) {
    this.#id = id;
    this.#grid = grid;
    this.#unknown = unknown;
    this.#range = new Range(place, () => this.load());
    addEventListener("themechange", () => this.#charts.forEach((chart) => chart.repaint()));
  }

  async start() {
    const { charts } = await get("charts");
    const rank = ({ name }) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
    const chosen = (start, end) => this.#range.choose(start, end);
    for (const spec of [...charts].sort((one, other) => rank(one) - rank(other))) {
      this.#charts.set(spec.name, new Chart(spec, chosen, () => this.#range.whole()));
    }
    this.#grid.replaceChildren(...[...this.#charts.values()].map(({ element }) => element));
    await this.load();
  }

  async load() {
    this.#loading?.abort();
    this.#loading = new AbortController();
    const { signal } = this.#loading;
    const [start, end] = this.#range.window;
    await attempt(async () => {
      const data = await get(guestPath(this.#id, "/range"), { start, end, points: POINTS }, { signal });
      performance.mark("fetched");
      data.charts.cpu?.series.sort((one, other) => MODES.indexOf(one.name) - MODES.indexOf(other.name));
      this.#data = data;
      this.#loaded = performance.now();
      this.#show();
      performance.mark("charted");
    });
  }

  // The figures of one poll.
  tick({ time, charts }) {
    if (this.#range.fixed || this.#data === null) return;
    const { times, step } = this.#data;
    if (this.#range.length > FOLLOWED) {
      if (performance.now() - this.#loaded > Math.max(60, step) * 1000) this.load();
      return;
    }
    const again = times.length && time - times.at(-1) < step;
    if (!again) times.push(time);
    const old = Math.max(0, times.findIndex((at) => at >= time - this.#range.length - step));
    times.splice(0, old);
    for (const [name, chart] of Object.entries(this.#data.charts)) {
      for (const series of chart.series) {
        const found = charts?.[name]?.[series.name];
        const value = known(found) ? found : null; // a disk may be called `constructor`
        if (!again) series.values.push(value);
        else if (value !== null) series.values[series.values.length - 1] = value;
        series.values.splice(0, old);
      }
    }
    this.#show();
  }

  #show() {
    const { times, charts, gaps } = this.#data;
    const window = this.#range.window;
    const missing = [];
    for (const [name, chart] of this.#charts) {
      const series = charts[name]?.series ?? [];
      const reason = charts[name]?.reason ?? null;
      chart.element.hidden = series.length === 0;
      if (series.length === 0) missing.push([chart.spec.title, reason]);
      chart.set([...times], series, gaps ?? [], window, reason);
    }
    this.#showMissing(missing);
  }

  #showMissing(missing) {
    const text = JSON.stringify(missing);
    if (this.#unknown.dataset.shown === text) return;
    this.#unknown.dataset.shown = text;
    const rows = missing.map(([title, reason]) => h("div", null, h("dt", null, title), h("dd", null, because(reason))));
    const title = `Not known here: ${missing.length} of ${this.#charts.size} charts`;
    this.#unknown.replaceChildren(...(rows.length ? [h("details", { class: "panel unknowns", open: true }, h("summary", null, title), h("dl", null, rows))] : []));
  }
}
