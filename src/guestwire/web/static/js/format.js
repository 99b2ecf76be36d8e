// Figures as people read them. What is not known is a dash, never a zero.

export const UNKNOWN = "–";
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const REASONS = {
  "no-agent": "no agent",
  "no-command": "the agent has no such command",
  disabled: "disabled in the guest",
  failed: "the guest could not tell",
  invalid: "the answer made no sense",
  silent: "no answer",
  off: "shut off",
  busy: "another program holds the channel",
  "no-host-side": "its QEMU process is not known here",
  "not-polled": "not asked yet",
  "no-poll": "no poll has ended well",
};

export const known = (value) => typeof value === "number" && Number.isFinite(value);
export const percent = (value) => (known(value) ? `${Math.round(value * 100)}%` : UNKNOWN);
export const fine = (value) => (known(value) ? `${(value * 100).toFixed(value < 0.1 ? 1 : 0)}%` : UNKNOWN);
export const count = (value) => (known(value) ? String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",") : UNKNOWN);

function scaled(value) {
  let step = 0;
  let left = Math.abs(value);
  while (left >= 1000 && step < UNITS.length - 1) {
    left /= 1024;
    step += 1;
  }
  const digits = step === 0 || left >= 100 ? 0 : left >= 10 ? 1 : 2;
  return `${value < 0 ? "-" : ""}${left.toFixed(digits)} ${UNITS[step]}`;
}

export const bytes = (value) => (known(value) ? scaled(value) : UNKNOWN);
export const rate = (value) => (known(value) ? `${scaled(value)}/s` : UNKNOWN);

export function number(value) {
  if (!known(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return count(value);
  return value.toFixed(size >= 10 ? 1 : size >= 0.01 ? 2 : 4);
}

// Seconds as a length of time, in its two largest units.
export function duration(value) {
  if (!known(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (size < 60) return `${Math.round(size)}s`;
  if (size < 3600) return `${Math.floor(size / 60)}m`;
  if (size < 86400) return `${Math.floor(size / 3600)}h ${Math.floor((size % 3600) / 60)}m`;
  if (size < 86400 * 100) return `${Math.floor(size / 86400)}d ${Math.floor((size % 86400) / 3600)}h`;
  return `${Math.floor(size / 86400)}d`;
}

// Seconds where fractions count: round trips, offsets.
export function seconds(value) {
  if (!known(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 0.001) return `${(value * 1e6).toFixed(0)} µs`;
  if (size < 1) return `${(value * 1e3).toFixed(size < 0.01 ? 2 : 1)} ms`;
  return size < 120 ? `${value.toFixed(2)} s` : `${value < 0 ? "-" : ""}${duration(value)}`;
}

export const ago = (at, now = Date.now() / 1000) => (known(at) ? duration(Math.max(0, now - at)) : UNKNOWN);

const padded = (value) => String(value).padStart(2, "0");

// 2026-05-04 13:37:00 where the reader is. Written by hand: to load a locale costs a page's start ten milliseconds.
export function moment(at) {
  if (!known(at)) return UNKNOWN;
  const date = new Date(at * 1000);
  const day = [date.getFullYear(), padded(date.getMonth() + 1), padded(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(padded).join(":")}`;
}

const BY_UNIT = {
  ratio: fine,
  bytes,
  bytes_per_second: rate,
  seconds,
  per_second: (value) => (known(value) ? `${number(value)}/s` : UNKNOWN),
  count: number,
};

// How figures of a unit are written.
export const byUnit = (unit) => BY_UNIT[unit] ?? number;

// A reason code in words.
export const because = (reason) => (reason ? (REASONS[reason] ?? String(reason).replaceAll("-", " ")) : "not known");

// From which fill on a thing is worth a colour.
export function severityOf(ratio, warning = 0.85, critical = 0.95) {
  if (!known(ratio) || ratio < warning) return null;
  return ratio < critical ? "warning" : "critical";
}

// The state of a guest: a word, its tone, and where it stands when guests are sorted by it.
export function stateOf(row) {
  if (row.state && row.state !== "running") return { word: row.state, tone: "none", order: 4 };
  if (row.frozen) return { word: "frozen", tone: "info", order: 2 };
  if (row.up === true) return { word: "up", tone: "ok", order: 5 };
  if (row.up === false) return { word: "silent", tone: "critical", order: 0 };
  return { word: "waiting", tone: "none", order: 3 };
}
