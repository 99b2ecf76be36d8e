// One guest: its figures now, its charts, what it has, who called it.

import { get, guestPath } from "../api.js";
import { calls, inventory, network, nothing, panel, processes, storage } from "../details.js";
import { byId, h, mark, say } from "../dom.js";
import { ago, because, bytes, duration, fine, known, moment, number, percent, rate, severityOf, stateOf, UNKNOWN } from "../format.js";
import { Graphs } from "../graphs.js";
import { linkOf, toldLong } from "../guestrow.js";
import { Live } from "../live.js";
import { attempt, may, showCounts, startShell } from "../shell.js";
import { startTabs } from "../tabs.js";

const id = decodeURIComponent(location.pathname.split("/")[2]);
const TABS = [["charts", "Charts"], ["storage", "Storage"], ["network", "Network"], ["processes", "Processes and users"], ["inventory", "Inventory"], ["calls", "Calls"]];
const FRESH = 15_000; // milliseconds for which what was asked of the guest serves again

const graphs = new Graphs(id, byId("range"), byId("grid"), byId("unknown"));
let detail = null;
let asked = { at: -Infinity, data: null };

async function load() {
  detail = await get(guestPath(id));
  show(detail.guest);
  showAlerts(detail.alerts);
}

function show(row) {
  document.title = `${row.name} · guestwire`;
  say(byId("name"), row.name);
  const { word, tone } = stateOf(row);
  say(byId("state"), word);
  mark(byId("state"), "data-tone", tone);
  const why = row.reason && row.reason !== word ? because(row.reason) : "";
  say(byId("since"), [why, row.up !== true && known(row.since) ? `for ${ago(row.since)}` : ""].filter(Boolean).join(" · "));
  const labels = Object.entries(row.labels ?? {}).map(([key, value]) => h("span", { class: "tag" }, `${key}=${value}`));
  const parts = [row.os && h("b", null, row.os), row.kernel, row.hostname, (row.addresses ?? []).slice(0, 4).join(", "), row.agent && `${row.agent} ${row.agent_version ?? ""}`, toldLong(row)];
  byId("about").replaceChildren(...parts.filter(Boolean).map((part) => h("span", null, part)), ...labels);
  mark(byId("work"), "href", `${linkOf(id)}/work`);
  showTiles(row);
}

function tile(title, value, unit, under, severity) {
  return h("div", { class: "tile", "data-severity": severity }, h("dt", null, title), h("dd", null, value, unit ? h("small", null, unit) : null), h("dd", { class: "under" }, under ?? ""));
}

function showTiles(row) {
  const { memory_used_bytes: used, memory_total_bytes: total, filesystem: fullest } = row;
  const share = known(used) && total > 0 ? used / total : null;
  const swap = row.swap_used_bytes ? `swap ${bytes(row.swap_used_bytes)}` : "";
  const told = row.up === true ? row.polled_at : row.told_at;
  byId("tiles").replaceChildren(
    tile("CPU", fine(row.cpu_ratio), known(row.cpus) ? `of ${row.cpus} CPU${row.cpus === 1 ? "" : "s"}` : "", known(row.load1) ? `load ${number(row.load1)}` : "", severityOf(row.cpu_ratio, 0.9, 0.98)),
    tile("Memory", percent(share), known(total) ? `of ${bytes(total)}` : "", swap, severityOf(share, 0.9, 0.97)),
    tile("Fullest filesystem", percent(fullest?.used_ratio), fullest ? `${bytes(fullest.available_bytes)} free` : "", fullest?.mountpoint, severityOf(fullest?.used_ratio)),
    tile("Received", rate(row.receive_bytes_per_second), "", known(row.transmit_bytes_per_second) ? `sent ${rate(row.transmit_bytes_per_second)}` : ""),
    tile("Uptime", duration(row.uptime_seconds), "", known(row.uptime_seconds) ? `since ${moment(Date.now() / 1000 - row.uptime_seconds).slice(0, 16)}` : ""),
    tile("Last figures", known(told) ? `${ago(told)} ago` : UNKNOWN, "", known(row.users) ? `${row.users} user${row.users === 1 ? "" : "s"} logged in` : ""),
  );
}

function showAlerts(alerts) {
  const open = alerts.filter(({ state }) => state !== "resolved");
  const rank = ({ state, severity }) => ["firing", "pending"].indexOf(state) * 3 + ["critical", "warning", "info"].indexOf(severity);
  open.sort((one, other) => rank(one) - rank(other));
  const place = byId("alerts");
  place.hidden = open.length === 0;
  const items = open.map((alert) =>
    h(
      "li",
      { "data-severity": alert.severity },
      h("b", null, alert.rule),
      h("span", { title: alert.description }, alert.summary),
      h("span", { class: "pill", "data-tone": alert.state === "firing" ? alert.severity : "none" }, alert.silenced_by?.length ? "silenced" : alert.state),
      h("time", null, ago(alert.since)),
    ),
  );
  place.replaceChildren(h("ul", { class: "panel warnings" }, items));
}

// What only the guest itself tells; kept for a moment, as several tabs show parts of it.
async function ask() {
  if (performance.now() - asked.at > FRESH) asked = { at: performance.now(), data: get(guestPath(id, "/inventory")) };
  try {
    return await asked.data;
  } catch (error) {
    asked.at = -Infinity;
    return { failed: error.message, unknown: new Proxy({}, { get: () => error.message }) };
  }
}

const PARTS = {
  storage: async () => storage(detail ?? (await get(guestPath(id)))),
  network: async () => network(detail ?? (await get(guestPath(id))), await ask()),
  processes: async () => processes(await ask()),
  inventory: async () => {
    const data = await ask();
    return data.failed ? [nothing(data.failed)] : inventory(data);
  },
  calls: async () => [panel("Calls", "Who did what on this guest, newest first", calls((await get(guestPath(id, "/calls"), { limit: 200 })).calls))],
};

function opened(tab) {
  if (!PARTS[tab]) return;
  const place = byId(tab);
  if (!place.firstChild) place.replaceChildren(nothing("Asking…"));
  attempt(async () => {
    try {
      place.replaceChildren(...(await PARTS[tab]()));
    } catch (error) {
      const unkept = tab === "calls" && error.status === 404;
      place.replaceChildren(unkept ? nothing("No audit log is kept here.") : h("p", { class: "fault" }, error.message));
    }
  });
}

function onGuests({ guests }) {
  const row = guests.find((one) => one.id === detail?.guest.id);
  if (!row) return;
  detail.guest = row;
  show(row);
}

async function onAlerts({ changed, counts }) {
  if (counts) showCounts(counts);
  if (changed.some((alert) => (alert.guest_id ?? alert.guest) === detail?.guest.id)) await attempt(load);
}

function absent(error) {
  byId("whole").hidden = true;
  byId("missing").hidden = false;
  byId("missing").replaceChildren(h("p", null, error.message), h("p", null, h("a", { href: "/" }, "All guests")));
}

async function start() {
  const shell = startShell();
  const charts = graphs.start().catch(() => {});
  try {
    await load();
  } catch (error) {
    absent(error);
    return;
  }
  startTabs(byId("tabs"), TABS, opened);
  const again = () => attempt(() => Promise.all([load(), graphs.load()]));
  byId("work").hidden = !may(await shell, "work");
  await charts;
  new Live({ guest: detail.guest.id, topics: "guests,alerts" }, { guests: onGuests, alerts: onAlerts, tick: (event) => graphs.tick(event), reset: again });
  setInterval(() => !document.hidden && opened(location.hash.slice(1)), 30_000);
}

start();
