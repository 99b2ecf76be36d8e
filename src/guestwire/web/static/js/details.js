// Tables of what a guest has: filesystems, disks, interfaces, processes, users, its inventory.

import { h, meter, table } from "./dom.js";
import { because, bytes, count, duration, fine, known, moment, number, percent, rate, seconds, severityOf, UNKNOWN } from "./format.js";

const text = (value) => value ?? UNKNOWN;
const ops = (value) => (known(value) ? `${number(value)}/s` : UNKNOWN);

export function panel(title, hint, ...children) {
  return h("section", { class: "panel" }, h("header", null, h("h2", null, title), hint ? h("p", null, hint) : null), children);
}

export const nothing = (reason) => h("p", { class: "note" }, reason);

function share(ratio, label) {
  const bar = meter(label);
  bar.set(ratio, severityOf(ratio), percent(ratio));
  return known(ratio) ? [percent(ratio), bar.element] : UNKNOWN;
}

function fullIn(value) {
  if (!known(value)) return UNKNOWN;
  return h("b", { "data-severity": value < 86400 ? "critical" : value < 7 * 86400 ? "warning" : null }, `in ${duration(value)}`);
}

export function storage({ filesystems, disks }) {
  const rows = filesystems.map((one) => [
    [one.mountpoint, one.read_only ? h("span", { class: "tag" }, "read-only") : null],
    [text(one.device), " ", h("span", { class: "muted" }, one.type ?? "")],
    share(one.used_ratio, "used"),
    bytes(one.available_bytes),
    bytes(one.size_bytes),
    share(one.inodes_used_ratio, "inodes used"),
    fullIn(one.full_in_seconds),
  ]);
  const io = disks.map((one) => [one.name, rate(one.read_bytes_per_second), rate(one.write_bytes_per_second), ops(one.reads_per_second), ops(one.writes_per_second), fine(one.busy_ratio)]);
  return [
    panel("Filesystems", "“Full” follows from how each filled of late.", rows.length ? table("Filesystems", [["Mounted on"], ["Device"], ["Used"], ["Available", "num"], ["Size", "num"], ["Inodes used"], ["Full", "tight"]], rows) : nothing("No filesystem is known.")),
    panel("Disks", null, io.length ? table("Disks", [["Disk"], ["Read", "num"], ["Written", "num"], ["Reads", "num"], ["Writes", "num"], ["Busy", "num"]], io) : nothing("No disk figures are known.")),
  ];
}

export function network({ interfaces }, inventory) {
  const rows = interfaces.map((one) => [
    one.name,
    text(one.mac),
    (one.addresses ?? []).map(({ address, prefix }) => h("div", null, known(prefix) ? `${address}/${prefix}` : address)),
    rate(one.receive_bytes_per_second),
    rate(one.transmit_bytes_per_second),
    ops(one.receive_errors_per_second),
    ops(one.transmit_errors_per_second),
  ]);
  const columns = [["Interface"], ["Hardware address"], ["Addresses"], ["Received", "num"], ["Sent", "num"], ["Receive errors", "num"], ["Send errors", "num"]];
  return [panel("Interfaces", null, rows.length ? table("Interfaces", columns, rows) : nothing("No interface is known.")), routes(inventory)];
}

function listed(inventory, member, title, columns, row, hint) {
  const values = inventory[member];
  const body = Array.isArray(values) ? (values.length ? table(title, columns, values.map(row)) : nothing("None.")) : nothing(because(inventory.unknown?.[member]));
  return panel(title, hint, body);
}

const routes = (inventory) =>
  listed(inventory, "routes", "Routes", [["To"], ["Through"], ["Interface"], ["Metric", "num"]], (one) => [
    [one.destination, one.prefix].filter(Boolean).join(/^\d+$/.test(one.prefix) ? "/" : " mask "),
    text(one.gateway),
    text(one.interface),
    count(one.metric),
  ]);

export function processes(inventory) {
  const running = known(inventory.process_count) ? `${count(inventory.process_count)} running; those that use most are listed` : null;
  return [
    listed(inventory, "processes", "Processes", [["PID", "num tight"], ["Name"], ["State"], ["Parent", "num"], ["Threads", "num"], ["CPU time", "num"], ["Memory", "num"]], (one) => [String(one.pid), one.name, text(one.state), String(one.parent), count(one.threads), seconds(one.cpu_seconds), bytes(one.resident_bytes)], running),
    listed(inventory, "users", "Users logged in", [["User"], ["Domain"], ["Since"]], (one) => [one.user, text(one.domain), moment(one.login_at)]),
  ];
}

export function inventory(data) {
  const { os, timezone, agent, memory_blocks: blocks } = data;
  const pairs = [
    ["Host name", data.hostname ?? unknown(data, "hostname")],
    ...(os ? Object.entries(os).map(([key, value]) => [key, String(value)]) : [["System", unknown(data, "os")]]),
    ["Time zone", timezone ? `${timezone.zone ?? ""} (${offset(timezone.offset_seconds)})` : unknown(data, "timezone")],
    ["Memory blocks", blocks ? `${blocks.online} of ${blocks.total} online, ${bytes(blocks.block_bytes)} each` : unknown(data, "memory_blocks")],
  ];
  const list = h("dl", { class: "pairs body" }, pairs.map(([key, value]) => [h("dt", null, key), h("dd", null, value)]));
  return [
    h("div", { class: "columns" }, panel("System", `Asked ${moment(data.asked_at)}`, list), cpus(data)),
    listed(data, "disks", "Disks and partitions", [["Name"], ["Kind"], ["Alias"], ["Bus"], ["Serial"]], (one) => [one.name, one.partition ? "partition" : "disk", text(one.alias), text(one.bus), text(one.serial)]),
    commands(data, agent),
  ];
}

const cpus = (data) => listed(data, "vcpus", "CPUs", [["CPU", "num tight"], ["State"], ["May go offline"]], (one) => [String(one.id), one.online ? "online" : "offline", one.can_offline ? "yes" : "no"]);
const unknown = (data, member) => h("span", { class: "muted" }, because(data.unknown?.[member]));
const offset = (value) => (known(value) ? `UTC${value < 0 ? "−" : "+"}${new Date(Math.abs(value) * 1000).toISOString().slice(11, 16)}` : UNKNOWN);

function commands(data, agent) {
  if (!agent) return panel("Agent", null, nothing(because(data.unknown?.agent)));
  const names = (agent.commands ?? []).map(({ name, enabled }) => h("li", { class: "tag", "data-off": !enabled, title: enabled ? null : "disabled in the guest" }, name, enabled ? null : h("span", { class: "sr" }, " (disabled)")));
  return panel("Agent", `${agent.kind ?? ""} ${agent.version ?? ""}, ${names.length} commands`, h("ul", { class: "commands body" }, names));
}

// Calls from the audit log; `guests` when they are of several.
export function calls(list, link) {
  if (!list.length) return nothing("No call yet.");
  const columns = [["When", "tight"], ...(link ? [["Guest"]] : []), ["Who"], ["Command"], ["Arguments"], ["Outcome"], ["Took", "num"]];
  const rows = list.map((one) => [
    moment(one.at),
    ...(link ? [link(one)] : []),
    text(one.who),
    h("code", null, one.command),
    h("code", { class: "muted" }, one.arguments ?? ""),
    [h("span", { class: "pill", "data-tone": { ok: "ok", denied: "warning", error: "critical" }[one.outcome] }, one.outcome), one.error ? h("div", { class: "hint" }, one.error) : null],
    seconds(one.seconds),
  ]);
  return table("Calls", columns, rows);
}
