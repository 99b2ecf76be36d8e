// Which stretch of time the charts show: a length that ends now and moves on, or a piece that was chosen.

import { h, mark, say } from "./dom.js";
import { moment } from "./format.js";

const LENGTHS = [["15m", 900], ["1h", 3600], ["6h", 21600], ["24h", 86400], ["7d", 604800], ["30d", 2592000], ["1y", 31536000]];
const SHORTEST = 60;

export class Range {
  #buttons;
  #live;
  #text = h("output");
  #changed;

  // changed() is called when another stretch is wanted.
  constructor(place, changed) {
    this.#changed = changed;
    const query = new URLSearchParams(location.search);
    this.length = LENGTHS.find(([name]) => name === query.get("range"))?.[1] ?? 3600;
    const [start, end] = [Number(query.get("start")), Number(query.get("end"))];
    this.fixed = end > start && start > 0 ? [start, end] : null;
    this.#buttons = LENGTHS.map(([name, length]) => button(name, `The last ${name}`, () => this.#last(length)));
    this.#live = button("Live", "Live: follow what comes", () => this.#last(this.length));
    const moves = [
      button("‹", "Earlier", () => this.#move(-0.5)),
      button("›", "Later", () => this.#move(0.5)),
      button("−", "Zoom out", () => this.#zoom(2)),
      button("+", "Zoom in", () => this.#zoom(0.5)),
    ];
    place.replaceChildren(group("Length of time", this.#buttons), group("Move and zoom", moves), group("Follow", [this.#live]), this.#text);
    this.#show();
  }

  get window() {
    if (this.fixed) return this.fixed;
    const now = Date.now() / 1000;
    return [now - this.length, now];
  }

  choose(start, end) {
    const now = Date.now() / 1000;
    const middle = (start + end) / 2;
    const half = Math.max(end - start, SHORTEST) / 2;
    this.fixed = [middle - half, Math.min(now, middle + half)];
    this.#tell();
  }

  whole() {
    this.#last(this.length);
  }

  #last(length) {
    this.length = length;
    this.fixed = null;
    this.#tell();
  }

  #move(part) {
    const [start, end] = this.window;
    const by = Math.min((end - start) * part, Date.now() / 1000 - end);
    this.choose(start + by, end + by);
  }

  #zoom(factor) {
    const [start, end] = this.window;
    const [middle, half] = [(start + end) / 2, ((end - start) / 2) * factor];
    this.choose(middle - half, middle + half);
  }

  #tell() {
    const query = new URLSearchParams(location.search);
    for (const key of ["range", "start", "end"]) query.delete(key);
    if (this.fixed) {
      query.set("start", Math.round(this.fixed[0]));
      query.set("end", Math.round(this.fixed[1]));
    } else if (this.length !== 3600) query.set("range", LENGTHS.find(([, length]) => length === this.length)[0]);
    history.replaceState(null, "", `${location.pathname}${query.size ? `?${query}` : ""}${location.hash}`);
    this.#show();
    this.#changed();
  }

  #show() {
    LENGTHS.forEach(([, length], at) => mark(this.#buttons[at], "aria-pressed", !this.fixed && length === this.length));
    mark(this.#live, "aria-pressed", !this.fixed);
    say(this.#text, this.fixed ? `${moment(this.fixed[0])} – ${moment(this.fixed[1])}` : "Drag over a chart to zoom");
  }
}

const button = (text, title, onclick) => h("button", { type: "button", title, "aria-label": title, onclick }, text);
const group = (label, buttons) => h("div", { class: "group", role: "group", "aria-label": label }, buttons);
