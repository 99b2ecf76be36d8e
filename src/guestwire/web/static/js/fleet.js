// All guests as this page knows them: fetched once, then kept current by events; filtered and sorted here.

import { stateOf } from "./format.js";

const MINUTE = 60;
const UP_FIRST = { name: 1, os: 1, agent: 1, state: 1 };

const ORDERS = {
  name: nameOf,
  state: (row) => stateOf(row).order,
  cpu: (row) => row.cpu_ratio,
  memory: (row) => (row.memory_total_bytes > 0 && row.memory_used_bytes !== null ? row.memory_used_bytes / row.memory_total_bytes : null),
  filesystem: (row) => row.filesystem?.used_ratio ?? null,
  network: (row) => sum(row.receive_bytes_per_second, row.transmit_bytes_per_second),
  alerts: (row) => (row.alerts?.critical ?? 0) * 1e6 + (row.alerts?.warning ?? 0) * 1e3 + (row.alerts?.info ?? 0) + (row.up === false ? 0.5 : 0),
  uptime: (row) => row.uptime_seconds,
  os: (row) => row.os?.toLowerCase() ?? null,
  agent: (row) => (row.agent ? `${row.agent} ${row.agent_version ?? ""}` : null),
};

// What the chips above the table show.
export const KINDS = [
  ["all", "All", () => true, "none"],
  ["alert", "With alerts", (row) => (row.alerts?.critical ?? 0) + (row.alerts?.warning ?? 0) > 0, "warning"],
  ["up", "Up", (row) => stateOf(row).word === "up", "none"],
  ["silent", "Silent", (row) => stateOf(row).word === "silent", "critical"],
  ["frozen", "Frozen", (row) => stateOf(row).word === "frozen", "none"],
  ["paused", "Paused", (row) => row.state === "paused", "none"],
  ["migrating", "Migrating", (row) => row.state === "migrating", "none"],
  ["off", "Off", (row) => row.state === "off", "none"],
];

export class Fleet {
  rows = new Map();
  #texts = new Map();
  #minute = 0;

  // Everything anew.
  take({ guests, time }) {
    this.rows = new Map(guests.map((row) => [row.id, row]));
    this.#texts.clear();
    this.#minute = Math.floor(time / MINUTE);
  }

  // What changed; sparklines go on from the figures that came.
  change({ guests, gone, time }) {
    const minute = Math.floor(time / MINUTE);
    const steps = Math.min(30, Math.max(0, minute - this.#minute));
    if (steps) for (const row of this.rows.values()) shift(row.sparks, steps);
    this.#minute = Math.max(this.#minute, minute);
    for (const id of gone ?? []) this.rows.delete(id);
    for (const row of guests) {
      row.sparks = this.rows.get(row.id)?.sparks ?? blank();
      note(row);
      this.rows.set(row.id, row);
      this.#texts.delete(row.id);
    }
  }

  counts(labels) {
    const fitting = [...this.rows.values()].filter((row) => labelled(row, labels));
    return KINDS.map(([key, title, test, tone]) => ({ key, title, tone, count: fitting.filter(test).length }));
  }

  labels() {
    const found = new Set();
    for (const row of this.rows.values()) for (const [key, value] of Object.entries(row.labels ?? {})) found.add(`${key}=${value}`);
    return [...found].sort();
  }

  // Rows that fit, in order. `sort` is a column, with - before it to go down.
  view({ q = "", kind = "all", label = "", sort = "-alerts" }) {
    const test = (KINDS.find(([key]) => key === kind) ?? KINDS[0])[2];
    const words = q.toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = [...this.rows.values()].filter(
      (row) => test(row) && labelled(row, label) && words.every((word) => this.#text(row).includes(word)),
    );
    return fitting.sort(compare(sort));
  }

  #text(row) {
    let text = this.#texts.get(row.id);
    if (text === undefined) {
      const labels = Object.entries(row.labels ?? {}).map(([key, value]) => `${key}=${value}`);
      text = [row.name, row.id, row.hostname, row.os, row.kernel, row.agent, row.reason, ...(row.addresses ?? []), ...labels].join(" ").toLowerCase();
      this.#texts.set(row.id, text);
    }
    return text;
  }
}

// Which way a column is sorted when it is first chosen.
export const firstSort = (column) => (UP_FIRST[column] ? column : `-${column}`);

function compare(sort) {
  const down = sort.startsWith("-");
  const order = ORDERS[down ? sort.slice(1) : sort] ?? ORDERS.name;
  return (one, other) => {
    const [a, b] = [order(one), order(other)];
    if (a === b) return byName(one, other);
    if (a === null || a === undefined) return 1; // what is not known comes last, whichever way
    if (b === null || b === undefined) return -1;
    return (a < b ? -1 : 1) * (down ? -1 : 1);
  };
}

const names = new WeakMap();

// What a name is sorted by: without case and accents, web-2 before web-10.
function nameOf(row) {
  let name = names.get(row);
  if (name === undefined) {
    name = row.name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, "0"));
    names.set(row, name);
  }
  return name;
}

function byName(one, other) {
  const [a, b] = [nameOf(one), nameOf(other)];
  return a < b ? -1 : Number(a > b);
}

const labelled = (row, label) => !label || Object.entries(row.labels ?? {}).some(([key, value]) => `${key}=${value}` === label);
const sum = (one, other) => (one === null && other === null ? null : (one ?? 0) + (other ?? 0));
const blank = () => ({ cpu: Array(30).fill(null), memory: Array(30).fill(null), network: Array(30).fill(null) });

function shift(sparks, steps) {
  for (const values of Object.values(sparks ?? {})) {
    values.splice(0, steps);
    values.push(...Array(steps).fill(null));
  }
}

function note(row) {
  const now = { cpu: row.cpu_ratio, memory: ORDERS.memory(row), network: ORDERS.network(row) };
  for (const [key, values] of Object.entries(row.sparks)) values[values.length - 1] = now[key] ?? null;
}
