// Freeze filesystems for a snapshot, with the lease in sight that ends it by itself.

import { get, guestPath, post } from "../api.js";
import { h, mark, say } from "../dom.js";
import { duration, known } from "../format.js";
import { attempt, toast } from "../shell.js";

export function startFreeze(place, guest) {
  const state = h("strong", null, "…");
  const lease = h("span", { class: "muted", role: "status" });
  const thaw = h("button", { type: "button", class: "primary" }, "Thaw");
  const freeze = h("button", { type: "submit", class: "danger" }, "Freeze");
  const limit = h("input", { type: "number", min: 1, max: 600, value: 60, required: true });
  const boxes = guest.filesystems.map(({ mountpoint }) => [mountpoint, h("input", { type: "checkbox", checked: true })]);
  const choices = boxes.length
    ? h("fieldset", { class: "choices" }, h("legend", { class: "hint" }, "Filesystems"), boxes.map(([mountpoint, box]) => h("label", null, box, mountpoint)))
    : h("p", { class: "hint" }, "All filesystems of the guest.");
  let told = null;

  const show = () => {
    if (!told) return;
    const frozen = told.status === "frozen";
    say(state, frozen ? "Frozen" : "Not frozen");
    const ends = told.lease?.ends_at;
    const left = known(ends) ? Math.max(0, ends - Date.now() / 1000) : null;
    say(lease, frozen ? (left === null ? "by somebody else, without a lease" : `held by ${told.lease.owner}, thaws by itself in ${duration(left)}`) : "Programs can write.");
    thaw.disabled = !frozen;
    freeze.disabled = frozen;
    mark(lease, "data-tone", frozen ? "warning" : null);
  };
  const look = () => attempt(async () => {
    told = await get(guestPath(guest.id, "/freeze"));
    show();
  });
  thaw.addEventListener("click", () => attempt(async () => {
    const { thawed } = await post(guestPath(guest.id, "/actions/thaw"), {});
    toast(`${thawed} filesystems thawed.`, "ok");
    await look();
  }));
  const form = h(
    "form",
    { class: "stage" },
    choices,
    h("div", { class: "line" }, h("label", { class: "field" }, h("span", null, "Thaw by itself after, seconds"), limit)),
    h("div", { class: "line" }, freeze, h("span", { class: "hint" }, "Every program that writes waits until the thaw.")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const chosen = boxes.filter(([, box]) => box.checked).map(([mountpoint]) => mountpoint);
      const mountpoints = chosen.length === boxes.length ? null : chosen;
      const { frozen } = await post(guestPath(guest.id, "/actions/freeze"), { mountpoints, lease_seconds: Number(limit.value) });
      toast(`${frozen} filesystems frozen.`, "ok");
      await look();
    });
  });
  place.replaceChildren(h("div", { class: "stage" }, h("div", { class: "lease" }, state, lease, h("span", { class: "space" }), thaw), form));
  guest.refresh = look;
  setInterval(() => {
    show();
    if (told?.status === "frozen" && known(told.lease?.ends_at) && told.lease.ends_at < Date.now() / 1000) look();
  }, 1000);
  look();
}
