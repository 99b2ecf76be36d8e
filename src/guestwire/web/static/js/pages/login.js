// Log in, then go where one wanted to.

import { post, session } from "../api.js";
import { byId, say } from "../dom.js";
import { startShell } from "../shell.js";

// Only a path of this server: never an address elsewhere.
function wanted() {
  const next = new URLSearchParams(location.search).get("next") ?? "/";
  const url = new URL(next, location.origin);
  return next.startsWith("/") && url.origin === location.origin && url.pathname !== "/login" ? url.pathname + url.search + url.hash : "/";
}

async function submit(event) {
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  try {
    await post("session", { user: byId("user").value, password: byId("password").value });
    location.replace(wanted());
  } catch (error) {
    byId("fault").hidden = false;
    say(byId("fault"), error.message);
    byId("password").select();
  }
  button.disabled = false;
}

startShell();
byId("form").addEventListener("submit", submit);
byId("user").focus();
session().then(({ login_required: required, user }) => {
  if (!required || user) location.replace(wanted());
});
