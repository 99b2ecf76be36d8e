// Shut down, reboot, suspend: never without the guest's name typed.

import { guestPath, post } from "../api.js";
import { confirmByName } from "../dialog.js";
import { h } from "../dom.js";
import { toast } from "../shell.js";

const ACTS = [
  ["Shut down", "shutdown", "powerdown", "Ends all programs and switches the guest off."],
  ["Reboot", "shutdown", "reboot", "Ends all programs and starts the guest again."],
  ["Halt", "shutdown", "halt", "Stops the guest without switching it off."],
  ["Suspend to memory", "suspend", "ram", "Sleeps until the host wakes the guest."],
  ["Suspend to disk", "suspend", "disk", "Writes memory to disk and switches off."],
  ["Suspend to both", "suspend", "hybrid", "Writes memory to disk, then sleeps."],
];

export function startPower(place, guest) {
  place.replaceChildren(h("div", { class: "acts" }, ACTS.map((act) => row(guest, ...act))));
}

function row(guest, title, action, mode, text) {
  const run = async (confirm) => {
    await post(guestPath(guest.id, `/actions/${action}`), { mode, confirm });
    toast(`${guest.name} was asked: ${title.toLowerCase()}.`, "ok");
    return true;
  };
  const ask = () => confirmByName(guest.name, `${title}: ${guest.name}`, text, title, run);
  return h("div", null, h("div", null, h("h2", null, title), h("p", null, text)), h("button", { type: "button", class: "danger", onclick: ask }, `${title}…`));
}
