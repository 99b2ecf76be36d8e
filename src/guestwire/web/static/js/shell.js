// What every page has: the bar, colours, who is logged in, messages, keys.

import { get, remove, session } from "./api.js";
import { byId, h, mark, s, say } from "./dom.js";

const MOON = "M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500Z";
const SUN = "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM12 1.500v2.500M12 20v2.500M4.600 4.600l1.800 1.800M17.600 17.600l1.800 1.800M1.500 12H4M20 12h2.500M4.600 19.400l1.800-1.800M17.600 6.400l1.800-1.800";
const KEYS = { g: "/", a: "/alerts", h: "/host" };

export async function startShell() {
  const page = document.documentElement.dataset.page;
  const nav = page === "guest" || page === "work" ? "overview" : page;
  document.querySelector(`[data-nav="${nav}"]`)?.setAttribute("aria-current", "page");
  startTheme();
  document.addEventListener("keydown", onKey);
  const who = await session();
  showWho(who);
  if (page !== "overview" && page !== "alerts" && page !== "login") count().catch(() => {});
  return who;
}

// The alerts that fire now; from here on events tell.
async function count() {
  const { alerts } = await get("alerts", { state: "firing", limit: 1000 });
  const counts = {};
  for (const { severity, silenced_by: by } of alerts) if (!by?.length) counts[severity] = (counts[severity] ?? 0) + 1;
  showCounts(counts);
}

// Whether the one who looks may do a thing: "silence", "work", "power".
export const may = (who, what) => who.may?.includes(what) ?? false;

export function showCounts({ critical = 0, warning = 0 }) {
  const place = byId("alert-count");
  place.hidden = critical + warning === 0;
  mark(place, "data-severity", critical ? "critical" : "warning");
  mark(place, "title", `${critical} critical, ${warning} warnings`);
  say(place, String(critical + warning));
}

export function toast(text, tone = "info") {
  const element = h("div", { class: "toast", "data-tone": tone }, text);
  byId("toasts").append(element);
  setTimeout(() => element.remove(), tone === "critical" ? 12_000 : 5000);
}

// Run something; what goes wrong is told and not thrown.
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (error.name !== "AbortError") toast(error.message, "critical");
    return null;
  }
}

function startTheme() {
  const button = byId("theme");
  const path = s("path", { fill: "none", stroke: "currentColor", "stroke-width": "1.800", "stroke-linecap": "round", "stroke-linejoin": "round" });
  button.append(s("svg", { width: 18, height: 18, viewBox: "0 0 24 24", "aria-hidden": "true" }, path));
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const paint = () => {
    path.setAttribute("d", dark() ? SUN : MOON);
    mark(button, "title", dark() ? "Light colours" : "Dark colours");
  };
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    document.cookie = `guestwire-theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=strict`; // the daemon sends pages in them
    paint();
    dispatchEvent(new Event("themechange"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    paint();
    dispatchEvent(new Event("themechange"));
  });
  paint();
}

function showWho(who) {
  if (!who.login_required || !who.user) return;
  const leave = h("button", { class: "quiet small", type: "button", onclick: logOut }, "Log out");
  byId("who").replaceChildren(h("span", { title: who.role }, who.user), leave);
}

async function logOut() {
  await attempt(() => remove("session"));
  location.assign("/login");
}

let leading = -Infinity;

// `/` searches; `g` then `g`, `a` or `h` goes to a page.
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
  if (event.key === "/") {
    const search = byId("search");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  } else if (event.timeStamp - leading < 1000 && KEYS[event.key]) location.assign(KEYS[event.key]);
  else if (event.key === "g") leading = event.timeStamp;
}
