// The daemon's own health: what polling costs, what is kept, what went wrong.

import { get } from "../api.js";
import { calls, nothing } from "../details.js";
import { byId, h, say, table } from "../dom.js";
import { bytes, count, duration, fine, moment, number, seconds } from "../format.js";
import { linkOf } from "../guestrow.js";
import { Live } from "../live.js";
import { attempt, showCounts, startShell } from "../shell.js";

function tile(title, value, unit, under, severity) {
  return h("div", { class: "tile", "data-severity": severity }, h("dt", null, title), h("dd", null, value, unit ? h("small", null, unit) : null), h("dd", { class: "under" }, under ?? ""));
}

function section(place, title, ...children) {
  byId(place).replaceChildren(h("header", null, h("h2", null, title)), ...children);
}

const pairs = (list) => h("dl", { class: "pairs body" }, list.map(([key, value]) => [h("dt", null, key), h("dd", null, value)]));

function show(host) {
  const { guests, polls, process, store, events, notifications } = host;
  say(byId("about"), `guestwire ${host.version}, started ${moment(host.started_at)}, up ${duration(host.uptime_seconds)}`);
  byId("trouble").hidden = !store.trouble;
  say(byId("trouble"), store.trouble ? `The store is in trouble: ${store.trouble}` : "");
  byId("tiles").replaceChildren(
    tile("Guests up", count(guests.up), `of ${guests.total}`, `${guests.silent} silent, ${guests.off} off`, guests.silent ? "warning" : null),
    tile("Polls", number(polls.per_second), "a second", `${count(polls.failures)} of ${count(polls.total)} failed`),
    tile("CPU of this daemon", fine(process.cpu_ratio), "of one core", `${duration(process.cpu_seconds)} in all`),
    tile("Memory of this daemon", bytes(process.resident_bytes), "", `${process.threads} threads, ${process.open_files} open files`),
    tile("History", bytes(store.bytes), "", `${count(store.series)} series of ${count(store.guests)} guests`),
    tile("Pages watching", count(events.clients), "", `${count(events.dropped)} were too slow`),
  );
  section("polls", "Polling", pairs([
    ["Polls", count(polls.total)],
    ["Without figures", count(polls.failures)],
    ["Skipped", `${count(polls.skipped)} (the one before was still under way)`],
    ["Waited for guests", `${seconds(polls.seconds)} in all, ${seconds(polls.total ? polls.seconds / polls.total : null)} a poll`],
    ["Notifications", `${count(notifications.queued)} waiting, ${count(notifications.failed)} failed`],
  ]));
  section("store", "History", pairs([
    ["File", store.path],
    ["Size", bytes(store.bytes)],
    ["Series", count(store.series)],
    ["Samples lost", count(store.samples_lost)],
    ["State", store.trouble ?? "takes everything"],
  ]));
  const faults = Object.entries(host.rule_errors ?? {});
  byId("faults").hidden = faults.length === 0;
  section("faults", "Rules that fail", table("Rules that fail", [["Rule"], ["Why"]], faults.map(([rule, why]) => [rule, h("span", { class: "error" }, why)])));
  const slow = host.slowest.map((one) => [h("a", { href: linkOf(one.id) }, one.name), seconds(one.seconds), count(one.failures)]);
  section("slowest", "Slowest guests", slow.length ? table("Slowest guests", [["Guest"], ["A poll takes", "num"], ["Failures", "num"]], slow) : nothing("No poll yet."));
}

async function showCalls() {
  const { calls: found } = await get("calls", { limit: 50 });
  byId("calls").hidden = false;
  section("calls", "Calls to guests, newest first", calls(found, (one) => (one.guest ? h("a", { href: linkOf(one.guest_id ?? one.guest) }, one.guest) : "")));
}

async function start() {
  startShell();
  const again = () => attempt(async () => show(await get("host")));
  await again();
  showCalls().catch(() => {}); // without an audit log there is nothing to show
  new Live({ topics: "host,alerts" }, { host: show, reset: again, alerts: ({ counts }) => counts && showCounts(counts) });
}

start();
