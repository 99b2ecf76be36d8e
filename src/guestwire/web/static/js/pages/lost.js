// An address that there is not.

import { startShell } from "../shell.js";

startShell().catch(() => {});
