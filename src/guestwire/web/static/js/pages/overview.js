// The overview: every guest on one page, what is wrong with them first.

import { all, get } from "../api.js";
import { byId, h, mark, painted, say } from "../dom.js";
import { firstSort, Fleet } from "../fleet.js";
import { ago, moment } from "../format.js";
import { linkOf, makeRow } from "../guestrow.js";
import { Live } from "../live.js";
import { Rows } from "../rows.js";
import { attempt, showCounts, startShell } from "../shell.js";

const RESORT = 5000; // milliseconds between two orders while figures come in: rows must not dance
const URGENT = 6;
const COLUMNS = 10;

const fleet = new Fleet();
const wish = readWish();
const rows = new Rows(byId("rows"), COLUMNS, makeRow, (row) => row.id);
let alerts = [];
let ordered = 0;
let loaded = false;

function readWish() {
  const query = new URLSearchParams(location.search);
  const read = (key, other) => query.get(key) ?? other;
  return { q: read("q", ""), kind: read("state", "all"), label: read("label", ""), sort: read("sort", "-alerts") };
}

function keepWish() {
  const query = new URLSearchParams();
  const wanted = { q: wish.q, state: wish.kind === "all" ? "" : wish.kind, label: wish.label, sort: wish.sort === "-alerts" ? "" : wish.sort };
  for (const [key, value] of Object.entries(wanted)) if (value) query.set(key, value);
  const text = query.toString();
  history.replaceState(null, "", text ? `?${text}` : location.pathname);
}

function order() {
  if (!loaded) return;
  ordered = performance.now();
  const view = fleet.view(wish);
  rows.show(view);
  const empty = byId("empty");
  empty.hidden = view.length > 0;
  byId("guests").hidden = view.length === 0;
  say(empty, fleet.rows.size ? "No guest fits this search." : "No guests yet. Start one, or name one: guestwire serve --guest NAME=ADDRESS");
  showChips();
}

function choose(change) {
  Object.assign(wish, change);
  keepWish();
  showSort();
  order();
}

function showSort() {
  const down = wish.sort.startsWith("-");
  const column = down ? wish.sort.slice(1) : wish.sort;
  for (const button of document.querySelectorAll("[data-sort]")) {
    mark(button.parentElement, "aria-sort", button.dataset.sort === column ? (down ? "descending" : "ascending") : null);
  }
}

function showChips() {
  const place = byId("states");
  const counts = fleet.counts(wish.label).filter(({ key, count }) => count || key === "all" || key === wish.kind);
  const names = counts.map(({ key }) => key).join(" ");
  if (place.dataset.names !== names) {
    place.dataset.names = names;
    place.replaceChildren(
      ...counts.map(({ key, title, tone }) =>
        h("button", { type: "button", "data-kind": key, "data-tone": tone, onclick: () => choose({ kind: key }) }, `${title} `, h("b")),
      ),
    );
  }
  counts.forEach(({ key, count }, at) => {
    say(place.children[at].lastChild, String(count));
    mark(place.children[at], "aria-pressed", key === wish.kind);
  });
}

function showLabels() {
  const select = byId("label");
  const labels = fleet.labels();
  select.hidden = labels.length === 0;
  select.replaceChildren(h("option", { value: "" }, "Any label"), ...labels.map((text) => h("option", { value: text }, text)));
  select.value = labels.includes(wish.label) ? wish.label : "";
}

const RANK = { critical: 0, warning: 1, info: 2 };

function showAttention() {
  const open = alerts.filter((alert) => alert.state === "firing" && !alert.silenced_by?.length);
  open.sort((one, other) => RANK[one.severity] - RANK[other.severity] || one.since - other.since);
  const counts = { critical: 0, warning: 0, info: 0 };
  for (const alert of open) counts[alert.severity] = (counts[alert.severity] ?? 0) + 1;
  showCounts(counts);
  const place = byId("attention");
  if (!open.length) {
    const up = fleet.counts("").find(({ key }) => key === "up").count;
    place.replaceChildren(h("div", { class: "panel calm" }, h("span", null, h("strong", null, "All quiet."), ` ${up} of ${fleet.rows.size} guests up, no alert is firing.`)));
    return;
  }
  const shown = open.slice(0, open.length > URGENT ? URGENT - 1 : URGENT);
  const more = open.length - shown.length;
  place.replaceChildren(h("ul", { class: "panel urgent" }, shown.map(urgent), more ? h("li", { class: "more" }, h("a", { href: "/alerts" }, `${more} more`)) : null));
}

function urgent(alert) {
  return h(
    "li",
    { "data-severity": alert.severity },
    h("a", { href: linkOf(alert.guest_id ?? alert.guest), title: alert.guest }, alert.guest),
    h("span", { title: alert.description || alert.summary }, alert.summary || alert.rule),
    h("time", { title: moment(alert.since) }, h("span", { class: "sr" }, `${alert.severity} for `), ago(alert.since)),
  );
}

async function load() {
  const [list, open] = await Promise.all([all("guests", "guests"), get("alerts", { state: "firing", limit: 1000 })]);
  fleet.take(list);
  loaded = true;
  alerts = open.alerts;
  showAttention();
  showLabels();
  order();
  performance.mark("rendered");
}

const sameAlert = (one, other) =>
  one.rule === other.rule && (one.guest_id ?? one.guest) === (other.guest_id ?? other.guest) && JSON.stringify(one.labels) === JSON.stringify(other.labels);

function onAlerts({ changed }) {
  alerts = [...alerts.filter((alert) => !changed.some((other) => sameAlert(alert, other))), ...changed];
  showAttention();
}

function onGuests(event) {
  const known = fleet.rows.size;
  fleet.change(event);
  const busy = byId("rows").contains(document.activeElement);
  if (known !== fleet.rows.size || (performance.now() - ordered > RESORT && !busy)) order();
  else rows.refresh();
}

function start() {
  const search = byId("search");
  search.value = wish.q;
  search.addEventListener("input", () => choose({ q: search.value }));
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") choose({ q: (search.value = "") });
    if (event.key === "ArrowDown" || event.key === "Enter") document.querySelector("#rows a")?.focus();
  });
  byId("label").addEventListener("change", (event) => choose({ label: event.target.value }));
  for (const button of document.querySelectorAll("[data-sort]")) {
    button.addEventListener("click", () => {
      const first = firstSort(button.dataset.sort);
      const turned = first.startsWith("-") ? first.slice(1) : `-${first}`;
      choose({ sort: wish.sort === first ? turned : first });
    });
  }
  showSort();
  startShell().catch(() => {});
  const again = () => attempt(load);
  again().then(painted).then(() => new Live({ topics: "guests,alerts" }, { guests: onGuests, alerts: onAlerts, reset: again, silences: again }));
}

start();
