// Questions that wait for an answer.

import { h } from "./dom.js";

// Show a form; resolves to what read() gives, or to null when it was given up. `submit` may refuse by throwing.
export function ask(title, parts, act, read, kind = "primary") {
  return new Promise((resolve) => {
    const fault = h("p", { class: "fault", role: "alert", hidden: true });
    const done = h("button", { type: "submit", class: kind }, act);
    const cancel = h("button", { type: "button", onclick: () => dialog.close() }, "Cancel");
    const form = h("form", { method: "dialog" }, h("h2", { id: "dialog-title" }, title), parts, fault, h("div", { class: "line" }, cancel, done));
    const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      done.disabled = true;
      try {
        const value = await read();
        dialog.addEventListener("close", () => resolve(value));
        dialog.close();
      } catch (error) {
        fault.hidden = false;
        fault.textContent = error.message;
      }
      done.disabled = false;
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

// Something that cannot be undone: the guest's name must be typed.
export function confirmByName(name, title, text, act, run) {
  const input = h("input", { autocomplete: "off", spellcheck: "false", required: true });
  const parts = [h("p", null, text), h("label", { class: "field" }, h("span", null, "Type ", h("b", null, name), " to confirm"), input)];
  return ask(title, parts, act, () => {
    if (input.value !== name) throw new Error("That is not the guest's name.");
    return run(input.value);
  }, "danger");
}
