// One guest's line in the overview.

import { h, mark, meter, say } from "./dom.js";
import { ago, because, bytes, count, duration, known, number, percent, rate, severityOf, stateOf, UNKNOWN } from "./format.js";
import { Spark } from "./spark.js";

export const linkOf = (id) => `/guests/${encodeURIComponent(id)}`;

const cell = (kind, ...children) => h("td", { class: `c-${kind}`, role: "cell" }, ...children);
const two = () => {
  const first = h("b");
  const second = h("small");
  return { first, second, element: h("div", { class: "two" }, first, second) };
};

// A row and how it is brought up to date.
export function makeRow() {
  const link = h("a");
  const under = h("small");
  const state = h("span", { class: "pill" });
  const since = h("small");
  const [cpu, memory, network] = [figure(), figure(), figure()];
  const room = filesystem();
  const badges = h("div", { class: "badges" });
  const uptime = h("span");
  const [system, agent] = [two(), two()];
  const element = h(
    "tr",
    { class: "row", role: "row" },
    cell("name", h("div", { class: "two" }, link, under)),
    cell("state", h("div", { class: "two" }, h("span", null, state), since)),
    cell("cpu", cpu.element),
    cell("memory", memory.element),
    cell("filesystem", room.element),
    cell("network", network.element),
    cell("alerts", badges),
    cell("uptime", uptime),
    cell("os", system.element),
    cell("agent", agent.element),
  );
  const update = (row) => {
    showName(row, link, under);
    showState(row, element, state, since);
    const [used, memoryText] = memoryOf(row);
    cpu.set(percent(row.cpu_ratio), cpuText(row), row.sparks?.cpu, 1, severityOf(row.cpu_ratio, 0.9, 0.98));
    memory.set(percent(used), memoryText, row.sparks?.memory, 1, severityOf(used, 0.9, 0.97));
    mark(cpu.element, "title", known(row.cpus) ? `${row.cpus} CPUs` : null);
    network.set(arrow("↓", row.receive_bytes_per_second), arrow("↑", row.transmit_bytes_per_second), row.sparks?.network);
    room.set(row.filesystem);
    showAlerts(row, badges);
    say(uptime, duration(row.uptime_seconds));
    say(system.first, row.os ?? UNKNOWN);
    say(system.second, row.kernel ?? "");
    mark(system.element, "title", [row.os, row.kernel, toldLong(row)].filter(Boolean).join(" · "));
    say(agent.first, row.agent ?? UNKNOWN);
    say(agent.second, row.agent_version ?? "");
  };
  return { element, link, update };
}

// Of a guest that does not answer: how old is what it said of itself.
export const toldLong = (row) => (row.up !== true && known(row.told_at) ? `as told ${ago(row.told_at)} ago` : null);

function showName(row, link, under) {
  say(link, row.name);
  mark(link, "href", linkOf(row.id));
  const labels = Object.entries(row.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  const text = [row.addresses?.[0], ...labels].filter(Boolean).join(" · ");
  say(under, text || row.hostname || row.source || "");
  mark(link, "title", [row.name, row.hostname, ...(row.addresses ?? []), ...labels].filter(Boolean).join("\n"));
}

function showState(row, element, pill, since) {
  const { word, tone } = stateOf(row);
  say(pill, word);
  mark(pill, "data-tone", tone);
  const why = row.up === false && row.reason !== word ? because(row.reason) : "";
  const parts = [why, row.up === true && !row.frozen ? "" : known(row.since) ? ago(row.since) : ""];
  say(since, parts.filter(Boolean).join(" · "));
  mark(since, "title", row.reason ? because(row.reason) : null);
  element.classList.toggle("away", row.up !== true);
}

function showAlerts(row, badges) {
  const wanted = ["critical", "warning", "info"].filter((severity) => row.alerts?.[severity]);
  const text = wanted.map((severity) => `${severity} ${row.alerts[severity]}`).join(" ");
  if (badges.dataset.text === text) return;
  badges.dataset.text = text;
  badges.replaceChildren(
    ...wanted.map((severity) =>
      h("span", { class: "badge", "data-severity": severity, title: severity }, count(row.alerts[severity]), h("span", { class: "sr" }, ` ${severity}`)),
    ),
  );
}

function figure() {
  const spark = new Spark();
  const text = two();
  return {
    element: h("div", { class: "figure" }, spark.element, text.element),
    set(first, second, values, top = null, severity = null) {
      say(text.first, first);
      say(text.second, second);
      mark(text.first, "data-severity", severity);
      spark.set(values ?? [], top);
    },
  };
}

function filesystem() {
  const amount = h("b");
  const place = h("small");
  const bar = meter("used");
  const element = h("div", { class: "room" }, h("span", null, place, amount), bar.element);
  return {
    element,
    set(data) {
      const severity = severityOf(data?.used_ratio);
      say(amount, percent(data?.used_ratio));
      say(place, data?.mountpoint ?? "");
      mark(amount, "data-severity", severity);
      mark(element, "title", data ? `${data.mountpoint}: ${bytes(data.available_bytes)} of ${bytes(data.size_bytes)} free` : null);
      bar.set(data?.used_ratio, severity, percent(data?.used_ratio));
      bar.element.hidden = !data;
    },
  };
}

function memoryOf(row) {
  const { memory_used_bytes: used, memory_total_bytes: total } = row;
  if (!known(used) || !(total > 0)) return [null, ""];
  const [whole, unit] = bytes(total).split(" ");
  const share = used / total;
  const short = (value) => String(Number(value.toFixed(value < 99 ? 1 : 0)));
  return [share, `${short(share * Number(whole))} of ${short(Number(whole))} ${unit}`];
}

const cpuText = (row) => (known(row.load1) ? `load ${number(row.load1)}` : "");
const arrow = (sign, value) => (known(value) ? `${sign} ${rate(value)}` : sign === "↓" ? UNKNOWN : "");
