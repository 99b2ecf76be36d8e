// Run a program in the guest and see what it says.

import { get, guestPath, post, remove } from "../api.js";
import { h, mark, say } from "../dom.js";
import { duration } from "../format.js";
import { attempt } from "../shell.js";

const SHELLS = [
  ["/bin/sh -c", "Shell", (line) => ["/bin/sh", ["-c", line]]],
  ["cmd.exe /c", "Windows command line", (line) => ["cmd.exe", ["/c", line]]],
  ["powershell", "PowerShell", (line) => ["powershell.exe", ["-NoProfile", "-NonInteractive", "-Command", line]]],
  ["direct", "No shell: program and arguments, split at spaces", (line) => [line.trim().split(/\s+/)[0], line.trim().split(/\s+/).slice(1)]],
];

export function startRun(place, guest) {
  const windows = /windows/i.test(guest.row?.os ?? "");
  const line = h("input", { class: "mono", required: true, autocomplete: "off", spellcheck: "false", placeholder: windows ? "dir C:\\" : "df -h" });
  const shell = h("select", null, SHELLS.map(([, title], at) => h("option", { value: at }, title)));
  shell.value = windows ? "1" : "0";
  const limit = h("input", { type: "number", min: 1, max: 3600, value: 60 });
  const input = h("textarea", { rows: 2, spellcheck: "false", class: "mono" });
  const button = h("button", { class: "primary", type: "submit" }, "Run");
  const runs = h("div", { class: "stage" });
  const form = h(
    "form",
    { class: "stage" },
    h("label", { class: "field" }, h("span", null, "Command"), line),
    h("div", { class: "line" },
      h("label", { class: "field" }, h("span", null, "Run by"), shell),
      h("label", { class: "field" }, h("span", null, "At most, seconds"), limit)),
    h("details", null, h("summary", null, "Standard input"), h("label", { class: "field" }, h("span", { class: "sr" }, "Standard input"), input)),
    h("div", null, button),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    const [path, args] = SHELLS[Number(shell.value)][2](line.value);
    await attempt(() => run(guest, runs, line.value, { path, arguments: args, input: input.value || null, timeout_seconds: Number(limit.value) }));
    button.disabled = false;
    line.select();
  });
  place.replaceChildren(h("div", { class: "stage" }, form, runs));
  line.focus();
}

async function run(guest, runs, text, body) {
  let job = await post(guestPath(guest.id, "/actions/exec"), body);
  const state = h("span", { class: "pill", role: "status" });
  const stop = h("button", { type: "button", class: "small" }, "Stop waiting");
  const output = h("pre", { tabindex: "0", "aria-label": "Standard output" });
  const errors = h("pre", { class: "stderr", tabindex: "0", "aria-label": "Standard error", hidden: true });
  runs.prepend(h("section", { class: "run", "aria-label": text }, h("header", null, h("code", null, text), state, stop), output, errors));
  stop.addEventListener("click", () => attempt(() => remove(`jobs/${encodeURIComponent(job.job)}`)));
  for (;;) {
    show(job, state, output, errors);
    if (job.state !== "running") break;
    job = await get(`jobs/${encodeURIComponent(job.job)}`, { wait_seconds: 20 });
  }
  stop.remove();
}

function show(job, state, output, errors) {
  const [word, tone] = verdict(job);
  say(state, word);
  mark(state, "data-tone", tone);
  const cut = (is) => (is ? "\n… (more was said than is kept)" : "");
  say(output, (job.stdout ?? "") + cut(job.stdout_truncated) || (job.state === "running" ? "…" : "(no output)"));
  const said = (job.stderr ?? "") + cut(job.stderr_truncated) + (job.error ? `${job.stderr ? "\n" : ""}${job.error}` : "");
  say(errors, said);
  errors.hidden = !said;
}

function verdict({ state, exit_code: code, signal, started_at: start, ended_at: end }) {
  if (state === "running") return ["running", "info"];
  const took = start && end ? ` after ${duration(end - start)}` : "";
  if (signal !== null && signal !== undefined) return [`signal ${signal}${took}`, "critical"];
  if (code !== null && code !== undefined) return [`exit status ${code}${took}`, code === 0 ? "ok" : "critical"];
  return [state, state === "cancelled" ? "warning" : "critical"];
}
