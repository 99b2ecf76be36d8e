// Tabs that the keyboard moves between; the one that is open stands in the address.

import { byId, h, mark } from "./dom.js";

// tabs: [id of the section, title]; opened(id) is called whenever one is shown.
export function startTabs(place, tabs, opened) {
  const buttons = tabs.map(([id, title]) =>
    h("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": id, onclick: () => open(id, true) }, title),
  );
  for (const [id] of tabs) {
    mark(byId(id), "role", "tabpanel");
    mark(byId(id), "aria-labelledby", `tab-${id}`);
  }
  const open = (wanted, keep) => {
    const id = tabs.some(([name]) => name === wanted) ? wanted : tabs[0][0];
    tabs.forEach(([name], at) => {
      byId(name).hidden = name !== id;
      mark(buttons[at], "aria-selected", name === id);
      mark(buttons[at], "tabindex", name === id ? 0 : -1);
    });
    if (keep) history.replaceState(null, "", id === tabs[0][0] ? location.pathname + location.search : `#${id}`);
    opened(id);
  };
  const list = h("div", { class: "tabs", role: "tablist" }, buttons);
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
    buttons[at].focus();
    open(tabs[at][0], true);
  });
  place.replaceChildren(list);
  addEventListener("hashchange", () => open(location.hash.slice(1), false));
  open(location.hash.slice(1), false);
}
