// The daemon's HTTP API. Every error is a Problem with a line that a person can read.

const BASE = "/api/v1/";

export class Problem extends Error {
  constructor(status, detail, where) {
    super(detail);
    this.status = status;
    this.where = where ?? null;
  }
}

let asked = null;

// Who is logged in and what they may do; asked once a page.
export function session() {
  asked ??= get("session").catch(() => ({ login_required: false, user: null, csrf: null, may: [] }));
  return asked;
}

export const get = (path, query, options) => send("GET", path, { ...options, query });
export const post = (path, body) => send("POST", path, { body });
export const remove = (path) => send("DELETE", path, {});
export const guestPath = (id, rest = "") => `guests/${encodeURIComponent(id)}${rest}`;
export const url = (path, query) => `${BASE}${path}${queryText(query)}`;

async function send(method, path, { query, body, signal }) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = (await session()).csrf ?? "";
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(url(path, query), {
      method,
      headers,
      signal,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The daemon does not answer.");
  }
  if (!answer.ok) throw await problemOf(answer, path);
  return answer.status === 204 ? null : answer.json();
}

export async function problemOf(answer, path) {
  let body = {};
  try {
    body = await answer.json();
  } catch {
    // no JSON: the status says it
  }
  if (answer.status === 401 && path !== "session") toLogin();
  return new Problem(answer.status, body.detail || body.title || `HTTP ${answer.status}`, body.where);
}

export function toLogin() {
  if (location.pathname === "/login") return;
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`);
}

// Every row of a list that comes in pages.
export async function all(path, key, query = {}, most = 5000) {
  const first = await get(path, { limit: 1000, ...query });
  const rows = first[key];
  let next = first.next;
  while (next && rows.length < most) {
    const page = await get(path, { limit: 1000, ...query, cursor: next });
    rows.push(...page[key]);
    next = page.next;
  }
  return first;
}

function queryText(query) {
  const words = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "") words.append(key, one);
    }
  }
  const text = words.toString();
  return text ? `?${text}` : "";
}
