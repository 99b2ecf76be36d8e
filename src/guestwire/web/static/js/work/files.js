// Look at folders of the guest, bring files here and there, with progress.

import { get, guestPath, Problem, problemOf, session, url } from "../api.js";
import { h, meter, table } from "../dom.js";
import { bytes, moment, percent } from "../format.js";
import { attempt, toast } from "../shell.js";

const BIG = 256 * 1024 * 1024; // bytes from which the browser itself saves, as it goes to disk while it arrives

export function startFiles(place, guest) {
  const windows = /windows/i.test(guest.row?.os ?? "");
  const path = h("input", { class: "mono", spellcheck: "false", autocomplete: "off", required: true, value: windows ? "C:\\" : "/" });
  const list = h("div", { class: "listing" });
  const transfers = h("div", { class: "stage", "aria-live": "polite" });
  let here = path.value; // the folder that is shown; in the field may stand what somebody is typing
  let turn = 0;
  const join = (name) => (windows ? `${here.replace(/\\$/, "")}\\${name}` : `${here.replace(/\/$/, "")}/${name}`);
  const open = (folder) => attempt(async () => {
    const mine = ++turn;
    const typed = path.value;
    const found = await get(guestPath(guest.id, "/files"), { path: folder, limit: 2000 });
    if (mine !== turn) return; // another folder was asked for meanwhile
    here = found.path ?? folder;
    if (path.value === typed) path.value = here;
    list.replaceChildren(listing(found, enter, (entry) => attempt(() => download(guest, join(entry.name), entry.size_bytes, transfers))));
  });
  const enter = (name) => {
    path.value = name === ".." ? parent(here, windows) : join(name);
    open(path.value);
  };
  const form = h("form", { class: "line" }, h("label", { class: "field wide" }, h("span", null, "Folder"), path), h("button", { type: "submit" }, "Open"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    open(path.value);
  });
  const send = async (files) => {
    const all = [...files].map((file) => [join(file.name), file]); // into this folder, wherever one goes meanwhile
    for (const [to, file] of all) await attempt(() => upload(guest, to, file, transfers));
    await open(here);
  };
  place.replaceChildren(h("div", { class: "stage" }, form, dropPlace(send), transfers, list));
  open(here);
}

function parent(path, windows) {
  const mark = windows ? "\\" : "/";
  const cut = path.replace(/[\\/]+$/, "").split(mark).slice(0, -1).join(mark);
  return windows && /^[A-Za-z]:$/.test(cut) ? `${cut}\\` : cut || mark;
}

function dropPlace(send) {
  const input = h("input", { type: "file", multiple: true, "aria-label": "Files to upload", onchange: () => send(input.files).then(() => (input.value = "")) });
  const place = h("div", { class: "drop" }, h("p", null, "Drop files here to put them into this folder, or choose: "), input);
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.dataset.over = "";
  });
  place.addEventListener("dragleave", () => delete place.dataset.over);
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    delete place.dataset.over;
    send(event.dataTransfer.files);
  });
  return place;
}

function listing({ entries, truncated, path }, enter, fetchFile) {
  const folder = (name, label) => h("button", { type: "button", class: "name", onclick: () => enter(name) }, label);
  const up = /^([A-Za-z]:)?[\\/]?$/.test(path ?? "/") ? [] : [[folder("..", "../"), "", "", "", "", ""]];
  const sorted = [...entries].sort((a, b) => (b.type === "directory") - (a.type === "directory") || a.name.localeCompare(b.name));
  const rows = sorted.map((entry) => [
    entry.type === "directory" ? folder(entry.name, `${entry.name}/`) : h("span", null, entry.name, entry.type === "link" ? h("span", { class: "muted" }, " (link)") : null),
    entry.type === "directory" ? "" : bytes(entry.size_bytes),
    moment(entry.modified_at),
    h("code", null, entry.mode ?? ""),
    [entry.user, entry.group].filter(Boolean).join(":"),
    entry.type === "directory" || entry.type === "other" ? "" : h("button", { type: "button", class: "small", onclick: () => fetchFile(entry) }, "Download", h("span", { class: "sr" }, ` ${entry.name}`)),
  ]);
  const shown = table("Files", [["Name"], ["Size", "num"], ["Changed", "tight"], ["Mode"], ["Owner"], ["", "tight"]], [...up, ...rows]);
  return h("div", null, shown, truncated ? h("p", { class: "hint" }, "There are more files than are listed.") : null);
}

function transfer(place, title, stop) {
  const bar = meter(title);
  const said = h("span", { class: "muted" });
  const button = h("button", { type: "button", class: "small", onclick: stop }, "Cancel");
  const element = h("div", { class: "progress" }, h("span", null, title), said, button, bar.element);
  place.append(element);
  addEventListener("beforeunload", stay);
  return {
    step(done, whole) {
      const ratio = whole ? done / whole : null;
      said.textContent = whole ? `${bytes(done)} of ${bytes(whole)}, ${percent(ratio)}` : bytes(done);
      bar.set(ratio ?? 0, null, said.textContent);
    },
    end() {
      element.remove();
      if (!place.hasChildNodes()) removeEventListener("beforeunload", stay);
    },
  };
}

// To leave the page ends what is under way: the browser asks first.
const stay = (event) => event.preventDefault();

const address = (guest, path) => url(guestPath(guest.id, "/files/content"), { path });

async function download(guest, path, size, place) {
  const name = path.split(/[\\/]/).pop();
  if (size > BIG) {
    save(address(guest, path), name);
    return;
  }
  const stop = new AbortController();
  const shown = transfer(place, `Downloading ${name}`, () => stop.abort());
  try {
    const answer = await fetch(address(guest, path), { signal: stop.signal, credentials: "same-origin" });
    if (!answer.ok) throw await problemOf(answer, "files");
    const whole = Number(answer.headers.get("X-Guest-File-Size")) || size;
    const pieces = [];
    let done = 0;
    for (const reader = answer.body.getReader(); ;) {
      const { value, done: ended } = await reader.read();
      if (ended) break;
      pieces.push(value);
      done += value.length;
      shown.step(done, whole);
    }
    const place = URL.createObjectURL(new Blob(pieces, { type: "application/octet-stream" }));
    save(place, name);
    setTimeout(() => URL.revokeObjectURL(place), 60_000);
  } finally {
    shown.end();
  }
}

function save(href, name) {
  const link = h("a", { href, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
}

// XMLHttpRequest, because fetch does not tell how far an upload is.
async function upload(guest, path, file, place) {
  const { csrf } = await session();
  const request = new XMLHttpRequest();
  const shown = transfer(place, `Uploading ${file.name}`, () => request.abort());
  shown.step(0, file.size);
  try {
    await new Promise((resolve, reject) => {
      request.open("PUT", address(guest, path));
      request.setRequestHeader("X-CSRF-Token", csrf ?? "");
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.upload.addEventListener("progress", ({ loaded }) => shown.step(loaded, file.size));
      request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(refusal(request))));
      request.addEventListener("error", () => reject(new Problem(0, "The upload broke off.")));
      request.addEventListener("abort", () => reject(new Problem(0, "The upload was cancelled.")));
      request.send(file);
    });
    toast(`${file.name} is in the guest.`, "ok");
  } finally {
    shown.end();
  }
}

function refusal(request) {
  try {
    return new Problem(request.status, JSON.parse(request.responseText).detail);
  } catch {
    return new Problem(request.status, `HTTP ${request.status}`);
  }
}
