// Thirty minutes in sixty pixels.

import { s } from "./dom.js";

const HEIGHT = 20;

export class Spark {
  #line;
  #area;
  #drawn = "";

  constructor() {
    this.#area = s("path", { class: "area" });
    this.#line = s("path", { class: "line" });
    this.element = s("svg", { class: "spark", "aria-hidden": "true", preserveAspectRatio: "none" }, this.#area, this.#line);
  }

  // values: figures or null for a gap; top: what fills the height, or null for their own maximum.
  set(values, top) {
    const highest = top ?? Math.max(1, ...values.map((value) => value ?? 0));
    const { line, area } = paths(values, highest);
    if (line === this.#drawn) return;
    this.#drawn = line;
    this.element.setAttribute("viewBox", `0 0 ${Math.max(1, values.length - 1)} ${HEIGHT}`);
    this.#line.setAttribute("d", line);
    this.#area.setAttribute("d", area);
  }
}

function paths(values, highest) {
  let line = "";
  let area = "";
  let begun = -1;
  const end = (at) => {
    if (begun >= 0) area += `L${at} ${HEIGHT}Z`;
    begun = -1;
  };
  values.forEach((value, at) => {
    if (value === null || value === undefined) {
      end(at - 1);
      return;
    }
    const y = (HEIGHT - 1 - Math.min(1, Math.max(0, value / highest)) * (HEIGHT - 2)).toFixed(1);
    line += `${begun < 0 ? "M" : "L"}${at} ${y}`;
    area += begun < 0 ? `M${at} ${HEIGHT}L${at} ${y}` : `L${at} ${y}`;
    if (begun < 0) begun = at;
  });
  end(values.length - 1);
  return { line, area };
}
