// Alerts that are open, silences, what has been, and the rules behind it all.

import { get, remove } from "../api.js";
import { nothing, panel } from "../details.js";
import { byId, h, mark, say, table } from "../dom.js";
import { ago, duration, moment, number } from "../format.js";
import { linkOf } from "../guestrow.js";
import { Live } from "../live.js";
import { attempt, may, showCounts, startShell, toast } from "../shell.js";
import { silenceDialog } from "../silence.js";
import { startTabs } from "../tabs.js";

const TABS = [["active", "Open"], ["silences", "Silences"], ["history", "History"], ["rules", "Rules"]];
const RANK = { firing: 0, pending: 1, resolved: 2 };
const SEVERITY = { critical: 0, warning: 1, info: 2 };
const SHOWN = 500;

let who = {};
let alerts = [];
let kind = "all";

const KINDS = [
  ["all", "All", () => true],
  ["critical", "Critical", (alert) => alert.severity === "critical"],
  ["warning", "Warning", (alert) => alert.severity === "warning"],
  ["info", "Info", (alert) => alert.severity === "info"],
  ["silenced", "Silenced", (alert) => alert.silenced_by?.length],
  ["pending", "Pending", (alert) => alert.state === "pending"],
];

async function load() {
  const { alerts: found, errors } = await get("alerts", { limit: 1000 });
  alerts = found;
  showActive(errors ?? {});
}

function showActive(errors) {
  const open = alerts.filter(({ state }) => state !== "resolved");
  open.sort((a, b) => RANK[a.state] - RANK[b.state] || SEVERITY[a.severity] - SEVERITY[b.severity] || b.since - a.since);
  const firing = open.filter(({ state, silenced_by: by }) => state === "firing" && !by?.length);
  const counts = { critical: 0, warning: 0 };
  for (const { severity } of firing) counts[severity] = (counts[severity] ?? 0) + 1;
  showCounts(counts);
  say(byId("summary"), `${firing.length} firing, ${open.filter(({ state }) => state === "pending").length} pending`);
  const faults = Object.entries(errors ?? {}).map(([rule, text]) => h("p", { class: "fault" }, `Rule ${rule}: ${text}`));
  const chips = KINDS.map(([key, title, test]) => [key, title, open.filter(test).length]).filter(([key, , amount]) => amount || key === "all");
  const test = (KINDS.find(([key]) => key === kind) ?? KINDS[0])[2];
  const fitting = open.filter(test);
  const buttons = chips.map(([key, title, amount]) => h("button", { type: "button", "aria-pressed": String(key === kind), onclick: () => pick(key) }, `${title} `, h("b", null, String(amount))));
  byId("active").replaceChildren(
    ...faults,
    h("div", { class: "chips", role: "group", "aria-label": "Show only" }, buttons),
    fitting.length ? h("ul", { class: "panel cards" }, fitting.slice(0, SHOWN).map(card)) : h("p", { class: "panel note" }, "Nothing is firing."),
  );
}

function pick(key) {
  kind = key;
  showActive({});
}

function labelsOf({ labels }) {
  return Object.entries(labels ?? {}).filter(([key]) => !["guest", "alertname", "severity"].includes(key)).map(([key, value]) => `${key}=${value}`).join(" · ");
}

function card(alert) {
  const silenced = alert.silenced_by?.length > 0;
  const tone = alert.state === "firing" && !silenced ? alert.severity : "none";
  return h(
    "li",
    { "data-severity": silenced || alert.state === "pending" ? null : alert.severity, class: silenced ? "quiet" : null },
    h("div", null, h("a", { href: linkOf(alert.guest_id ?? alert.guest) }, alert.guest), h("small", null, alert.rule)),
    h("div", null, h("p", null, alert.summary || alert.rule), h("small", null, [alert.description !== alert.summary ? alert.description : "", labelsOf(alert)].filter(Boolean).join(" · "))),
    h("span", { class: "pill", "data-tone": tone === "info" ? "info" : tone }, silenced ? "silenced" : alert.state === "firing" ? alert.severity : alert.state),
    h("time", { title: moment(alert.since) }, ago(alert.since)),
    may(who, "silence") && !silenced ? h("button", { type: "button", class: "small", onclick: () => silence(alert) }, "Silence", h("span", { class: "sr" }, ` ${alert.rule} on ${alert.guest}`)) : h("span"),
  );
}

async function silence(alert) {
  const matchers = alert ? [{ label: "alertname", op: "=", value: alert.rule }, { label: "guest", op: "=", value: alert.guest }] : [];
  if (await silenceDialog(matchers)) {
    toast("Silenced.", "ok");
    await attempt(load);
    opened(location.hash.slice(1));
  }
}

const code = (text) => h("code", null, text);

async function silences() {
  const { silences: found } = await get("silences");
  const end = (one) => attempt(async () => {
    await remove(`silences/${one.id}`);
    toast("The silence has ended.", "ok");
    opened("silences");
  });
  const rows = found.map((one) => [
    one.matchers.map(({ label, op, value }) => h("div", null, code(`${label}${op}"${value}"`))),
    h("span", { class: "pill", "data-tone": one.active ? "info" : "none" }, one.active ? "active" : "waiting"),
    moment(one.starts),
    [moment(one.ends), h("div", { class: "hint" }, `in ${duration(one.ends - Date.now() / 1000)}`)],
    one.author ?? "",
    one.comment ?? "",
    may(who, "silence") ? h("button", { type: "button", class: "small", onclick: () => end(one) }, "End now") : "",
  ]);
  return rows.length ? table("Silences", [["Covers"], ["State"], ["From", "tight"], ["Until", "tight"], ["By"], ["Comment"], ["", "tight"]], rows) : nothing("No silence.");
}

async function history() {
  const { history: found } = await get("alerts/history", { limit: 300 });
  const rows = found.map((one) => [
    moment(one.at),
    h("span", { class: "pill", "data-tone": one.state === "firing" ? one.severity : one.state === "resolved" ? "ok" : "none" }, one.state),
    h("a", { href: linkOf(one.guest_id ?? one.guest) }, one.guest),
    one.rule,
    one.summary,
    number(one.value),
  ]);
  return rows.length ? table("History", [["When", "tight"], ["State"], ["Guest"], ["Rule"], ["What"], ["Value", "num"]], rows) : nothing("Nothing has fired yet.");
}

async function rules() {
  const { rules: found } = await get("rules");
  const rows = found.map((one) => [
    [one.name, one.error ? h("p", { class: "error" }, one.error) : null],
    code(one.expression),
    one.hold_seconds ? duration(one.hold_seconds) : "at once",
    h("span", { class: "pill", "data-tone": one.severity }, one.severity),
  ]);
  return table("Rules", [["Rule"], ["Fires when"], ["For", "tight"], ["Severity"]], rows);
}

const PARTS = {
  silences: ["Silences", "No message is sent for what a silence covers.", silences],
  history: ["History", "Newest first", history],
  rules: ["Rules", "From the configuration and the default set", rules],
};

function opened(tab) {
  if (!PARTS[tab]) return;
  const [title, hint, fetchPart] = PARTS[tab];
  fetchPart()
    .catch((error) => h("p", { class: "fault" }, error.message))
    .then((part) => byId(tab).replaceChildren(panel(title, hint, part)));
}

async function start() {
  who = await startShell();
  byId("silence").hidden = !may(who, "silence");
  byId("silence").addEventListener("click", () => silence(null));
  startTabs(byId("tabs"), TABS, opened);
  const again = () => attempt(load);
  await again();
  mark(byId("active"), "aria-busy", null);
  new Live({ topics: "alerts" }, { alerts: again, silences: () => { again(); opened(location.hash.slice(1)); }, reset: again });
}

start();
