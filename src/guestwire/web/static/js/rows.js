// A long table of which only the rows in sight exist. Rows have one height; those that leave are used again.

import { h, mark, painted } from "./dom.js";

const SPARE = 6; // rows kept ready above and below
const NARROW = "(max-width: 760px)"; // where css/overview.css makes a row higher: to ask it would force a layout

export class Rows {
  #body;
  #make;
  #key;
  #items = [];
  #shown = new Map();
  #pool = [];
  #before;
  #after;
  #height = 0;
  #queued = false;

  // make(): {element, link, update(item)}; key(item): what tells items apart.
  constructor(body, columns, make, key) {
    this.#body = body;
    this.#make = make;
    this.#key = key;
    this.#before = spacer(columns);
    this.#after = spacer(columns);
    body.append(this.#before, this.#after);
    addEventListener("scroll", () => this.refresh(), { passive: true });
    addEventListener("resize", () => {
      this.#height = 0;
      this.refresh();
    });
    body.addEventListener("keydown", (event) => this.#onKey(event));
  }

  // The items, in order.
  show(items) {
    this.#items = items;
    mark(this.#body.parentElement, "aria-rowcount", items.length + 1);
    const first = this.#shown.size === 0;
    this.#paint();
    if (first) painted().then(() => this.refresh());
  }

  // Values changed, or the window moved: paint at the next frame.
  refresh() {
    if (this.#queued) return;
    this.#queued = true;
    requestAnimationFrame(() => {
      this.#queued = false;
      this.#paint();
    });
  }

  #range() {
    this.#height ||= matchMedia(NARROW).matches ? 104 : 50;
    // at first what fills a window: to ask where the table stands would force a layout before there is anything to see
    if (this.#shown.size === 0) return [0, Math.min(this.#items.length, Math.ceil((innerHeight * 0.8) / this.#height))];
    const top = -this.#body.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(top / this.#height) - SPARE);
    const last = Math.min(this.#items.length, Math.ceil((top + innerHeight) / this.#height) + SPARE);
    return [Math.min(first, last), last];
  }

  #paint() {
    const [first, last] = this.#range();
    const wanted = this.#items.slice(first, last);
    const keys = new Set(wanted.map(this.#key));
    for (const [key, row] of this.#shown) {
      if (keys.has(key) || row.element.contains(document.activeElement)) continue;
      row.element.remove();
      this.#shown.delete(key);
      this.#pool.push(row);
    }
    let place = this.#before;
    wanted.forEach((item, at) => {
      const row = this.#rowOf(item);
      mark(row.element, "aria-rowindex", first + at + 2);
      row.update(item);
      if (place.nextSibling !== row.element) place.after(row.element);
      place = row.element;
    });
    this.#drop(keys);
    this.#before.firstChild.style.height = `${first * this.#height}px`;
    this.#after.firstChild.style.height = `${(this.#items.length - last) * this.#height}px`;
  }

  // A row that has the focus but is out of sight goes too: the focus then falls to the page.
  #drop(keys) {
    for (const [key, row] of this.#shown) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.#shown.delete(key);
      this.#pool.push(row);
    }
  }

  #rowOf(item) {
    const key = this.#key(item);
    let row = this.#shown.get(key);
    if (row === undefined) {
      row = this.#pool.pop() ?? this.#make();
      this.#shown.set(key, row);
    }
    return row;
  }

  #onKey(event) {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 12, PageUp: -12, Home: -1e9, End: 1e9 }[event.key];
    const element = event.target.closest("tr");
    if (!step || !element || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const at = Number(element.getAttribute("aria-rowindex")) - 2;
    this.#focus(Math.max(0, Math.min(this.#items.length - 1, at + step)));
  }

  #focus(at) {
    const head = 100; // the bar and the head of the table stay above
    const top = this.#body.getBoundingClientRect().top + at * this.#height;
    if (top < head) scrollBy({ top: top - head });
    else if (top + this.#height > innerHeight) scrollBy({ top: top + this.#height - innerHeight });
    this.#paint();
    this.#shown.get(this.#key(this.#items[at]))?.link.focus({ preventScroll: true });
  }
}

function spacer(columns) {
  return h("tr", { class: "space", role: "presentation", "aria-hidden": "true" }, h("td", { colspan: columns, role: "presentation" }));
}
