"""`guestwire top`: every guest in the terminal, live, from the daemon's HTTP API."""
