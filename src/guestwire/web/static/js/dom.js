// Elements built by hand. Text goes in as text nodes only: a guest's string is never read as markup.

const SVG = "http://www.w3.org/2000/svg";

// h("a", {class: "x", href: "/", onclick: f}, "text", child): an element. null and undefined leave things out.
export function h(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

// The same for SVG.
export function s(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

// Say a text where it differs: an untouched node costs no layout.
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Set or, with null, remove an attribute where it differs.
export function mark(element, name, value) {
  if (value === null || value === undefined) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

// Once what was changed is on the screen.
export const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

// A bar that shows a part of a whole, 0 to 1.
export function meter(label) {
  const bar = h("i");
  const element = h("div", { class: "meter", role: "img", "aria-label": label }, bar);
  return {
    element,
    set(ratio, severity, text) {
      bar.style.transform = `scaleX(${Math.max(0, Math.min(1, ratio ?? 0)).toFixed(3)})`;
      mark(element, "data-severity", severity);
      mark(element, "aria-label", `${label}: ${text}`);
    },
  };
}

// A table: columns are [title, class], rows are lists of cells.
export function table(caption, columns, rows) {
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      { class: "plain" },
      h("caption", { class: "sr" }, caption),
      h("thead", null, h("tr", null, columns.map(([title, kind]) => h("th", { scope: "col", class: kind }, title)))),
      h("tbody", null, rows.map((cells) => h("tr", null, cells.map((cell, at) => h("td", { class: columns[at][1] }, cell))))),
    ),
  );
}
