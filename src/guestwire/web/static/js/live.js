// What changes, as it changes: one stream of server-sent events, opened again whenever it ends.
//
// A page that nobody sees gives its stream back after a while (browsers allow six connections to one server) and
// fetches everything anew when it is looked at again.

import { url, toLogin } from "./api.js";
import { byId, mark, say } from "./dom.js";

const HIDDEN = 10_000; // milliseconds that a hidden page keeps its stream
const LONGEST = 15_000;

const WORDS = { live: "Live", away: "Reconnecting…", paused: "Paused", connecting: "Connecting…" };

export class Live {
  #source = null;
  #boot = null;
  #version = null;
  #wait = 1000;
  #timer = 0;
  #gap = false;
  #query;
  #handlers;

  // handlers: event name -> function of its data; `reset` must fetch everything again.
  constructor(query, handlers) {
    this.#query = query;
    this.#handlers = handlers;
    document.addEventListener("visibilitychange", () => this.#look());
    addEventListener("pagehide", () => this.#close());
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.#open();
    });
    if (document.hidden) this.#pause(); // opened in the background: many of those at once must not take all connections
    else this.#open();
  }

  #open() {
    this.#close();
    if (document.hidden && this.#gap) return;
    show(this.#boot === null ? "connecting" : "away");
    const source = new EventSource(url("events", this.#query));
    this.#source = source;
    source.addEventListener("open", () => {
      this.#wait = 1000;
      show("live");
    });
    source.addEventListener("error", () => this.#failed(source));
    source.addEventListener("hello", (event) => this.#hello(JSON.parse(event.data)));
    for (const [name, handle] of Object.entries(this.#handlers)) {
      source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
    }
  }

  #hello({ boot, version }) {
    const restarted = this.#boot !== null && this.#boot !== boot;
    if (this.#version !== null && this.#version !== version) location.reload();
    this.#boot = boot;
    this.#version = version;
    if (restarted || this.#gap) this.#handlers.reset?.({});
    this.#gap = false;
  }

  #failed(source) {
    if (source !== this.#source) return;
    show("away");
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    this.#close();
    this.#gap = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#again(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST);
  }

  // A browser does not say why a stream was refused: ask, so that an ended session leads to the login.
  async #again() {
    try {
      const answer = await fetch(url("session"), { credentials: "same-origin" });
      const { login_required: required, user } = await answer.json();
      if (required && !user) toLogin();
    } catch {
      // the daemon is away: the stream tells when it is back
    }
    this.#open();
  }

  #look() {
    clearTimeout(this.#timer);
    if (document.hidden) this.#timer = setTimeout(() => this.#pause(), HIDDEN);
    else if (this.#source === null) this.#open();
  }

  #pause() {
    this.#close();
    this.#gap = true;
    show("paused");
  }

  #close() {
    this.#source?.close();
    this.#source = null;
  }
}

function show(state) {
  const place = byId("live");
  mark(place, "data-state", state);
  mark(place, "title", WORDS[state]);
  say(place, WORDS[state]);
}
