// The guest's clock, and blocks that its filesystems do not need any more.

import { guestPath, post } from "../api.js";
import { h, table } from "../dom.js";
import { bytes, seconds } from "../format.js";
import { attempt, toast } from "../shell.js";

export function startUpkeep(place, guest) {
  const results = h("div");
  const clock = button("Set to the host's time", async () => {
    const { offset_seconds: offset } = await post(guestPath(guest.id, "/actions/set-time"), { time: null });
    toast(offset === null ? "The clock is set." : `The clock is set; it is now ${seconds(offset)} off.`, "ok");
  });
  const trim = button("Trim", async () => {
    const { paths } = await post(guestPath(guest.id, "/actions/trim"), { minimum_bytes: 0 });
    const rows = paths.map((one) => [one.path, bytes(one.trimmed_bytes), one.error ?? ""]);
    results.replaceChildren(rows.length ? table("Trimmed", [["Filesystem"], ["Trimmed", "num"], ["Error"]], rows) : h("p", { class: "hint" }, "The guest has nothing to trim."));
  });
  place.replaceChildren(
    h(
      "div",
      { class: "acts" },
      h("div", null, h("div", null, h("h2", null, "Clock"), h("p", null, "After a pause or a restore a guest's clock may be behind.")), clock),
      h("div", null, h("div", null, h("h2", null, "Trim"), h("p", null, "Tells the host which blocks are free, so that thin disks shrink.")), trim),
    ),
    results,
  );
}

function button(text, work) {
  const element = h("button", { type: "button" }, text);
  element.addEventListener("click", async () => {
    element.disabled = true;
    await attempt(work);
    element.disabled = false;
  });
  return element;
}
