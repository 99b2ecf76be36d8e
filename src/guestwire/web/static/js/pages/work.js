// Work on a guest: run, files, freeze, upkeep, power. Each is a part of its own.

import { get, guestPath } from "../api.js";
import { byId, mark, say } from "../dom.js";
import { stateOf } from "../format.js";
import { linkOf } from "../guestrow.js";
import { Live } from "../live.js";
import { attempt, may, showCounts, startShell } from "../shell.js";
import { startTabs } from "../tabs.js";
import { startFiles } from "../work/files.js";
import { startFreeze } from "../work/freeze.js";
import { startPower } from "../work/power.js";
import { startRun } from "../work/run.js";
import { startUpkeep } from "../work/upkeep.js";

const id = decodeURIComponent(location.pathname.split("/")[2]);
const TABS = [["run", "Run"], ["files", "Files"], ["freeze", "Freeze"], ["upkeep", "Clock and trim"], ["power", "Power"]];
const PARTS = { run: startRun, files: startFiles, freeze: startFreeze, upkeep: startUpkeep, power: startPower };

const guest = { id, name: id, row: null, filesystems: [], refresh: () => {} };
const started = new Set();

function show(row) {
  guest.row = row;
  guest.name = row.name;
  document.title = `Work on ${row.name} · guestwire`;
  say(byId("name"), row.name);
  const { word, tone } = stateOf(row);
  say(byId("state"), word);
  mark(byId("state"), "data-tone", tone);
}

function refuse(text) {
  byId("whole").hidden = true;
  byId("refused").hidden = false;
  say(byId("refused"), text);
}

async function start() {
  mark(byId("back"), "href", linkOf(id));
  const who = await startShell();
  try {
    const detail = await get(guestPath(id));
    guest.filesystems = detail.filesystems;
    guest.id = detail.guest.id;
    show(detail.guest);
  } catch (error) {
    refuse(error.message);
    return;
  }
  if (!may(who, "work")) {
    refuse("You may look at this guest, but not work on it.");
    return;
  }
  startTabs(byId("tabs"), TABS.filter(([part]) => part !== "power" || may(who, "power")), (part) => {
    if (!started.has(part)) PARTS[part](byId(part), guest);
    started.add(part);
  });
  const again = () => attempt(async () => show((await get(guestPath(guest.id))).guest));
  const changed = ({ guests }) => {
    const row = guests.find((one) => one.id === guest.id);
    if (row) show(row);
    if (row) guest.refresh();
  };
  new Live({ guest: guest.id, topics: "guests,alerts" }, { guests: changed, reset: again, alerts: ({ counts }) => counts && showCounts(counts) });
}

start();
