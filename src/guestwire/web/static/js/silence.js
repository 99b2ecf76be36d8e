// The dialog that makes a silence.

import { post } from "./api.js";
import { ask } from "./dialog.js";
import { h } from "./dom.js";

const LENGTHS = [["1 hour", 3600], ["4 hours", 14400], ["1 day", 86400], ["1 week", 604800], ["30 days", 2592000]];
const OPERATORS = ["=", "!=", "=~", "!~"];

// matchers: what the silence covers to begin with, [{label, op, value}].
export function silenceDialog(matchers) {
  const list = h("div", { class: "stack" });
  const add = (matcher) => list.append(matcherRow(matcher));
  matchers.forEach(add);
  if (!matchers.length) add({ label: "guest", op: "=", value: "" });
  const length = h("select", null, LENGTHS.map(([title, seconds]) => h("option", { value: seconds }, title)));
  const comment = h("input", { autocomplete: "off", placeholder: "Why" });
  const parts = [
    h("div", { class: "field" }, h("span", null, "Alerts with all of these labels"), list),
    h("div", null, h("button", { type: "button", class: "small", onclick: () => add({ label: "", op: "=", value: "" }) }, "Add a label")),
    h("label", { class: "field" }, h("span", null, "For"), length),
    h("label", { class: "field" }, h("span", null, "Comment"), comment),
  ];
  return ask("Silence alerts", parts, "Silence", () => {
    const wanted = [...list.children].map((row) => row.read()).filter(({ label }) => label);
    if (!wanted.length) throw new Error("Name at least one label.");
    return post("silences", { matchers: wanted, duration_seconds: Number(length.value), comment: comment.value });
  });
}

function matcherRow({ label, op, value }) {
  const name = h("input", { "aria-label": "Label", value: label, spellcheck: "false", autocomplete: "off" });
  const operator = h("select", { "aria-label": "Operator" }, OPERATORS.map((text) => h("option", null, text)));
  operator.value = op;
  const wanted = h("input", { "aria-label": "Value", value, spellcheck: "false", autocomplete: "off" });
  const row = h("div", { class: "matcher" }, name, operator, wanted, h("button", { type: "button", class: "quiet icon", "aria-label": "Remove this label", onclick: () => row.remove() }, "×"));
  row.read = () => ({ label: name.value.trim(), op: operator.value, value: wanted.value });
  return row;
}
