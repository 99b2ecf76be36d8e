"""How evenly the overview of 500 guests draws its frames while figures come in, one scrolls, types and sorts."""

from __future__ import annotations

from typing import Any

ROWS = 500
RECORD = """() => {
  const frames = [];
  let last = null;
  let on = true;
  const look = (now) => {
    if (last !== null) frames.push(now - last);
    last = now;
    if (on) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  window.recorded = () => { on = false; return frames; };
}"""
SCROLL = """seconds => new Promise((done) => {
  const start = performance.now();
  let step = 60;
  const go = () => {
    scrollBy(0, step);
    if (scrollY <= 0) step = 60;
    if (scrollY + innerHeight >= document.documentElement.scrollHeight - 1) step = -60;
    performance.now() - start < seconds * 1000 ? requestAnimationFrame(go) : done();
  };
  go();
})"""


def measure(page: Any, seconds: float) -> dict[str, list[float]]:
    """Milliseconds between frames, by what somebody does meanwhile. The page shows the overview."""
    return {
        "live": _recorded(page, lambda: page.wait_for_timeout(seconds * 1000)),
        "scrolling": _recorded(page, lambda: page.evaluate(SCROLL, seconds)),
        "typing": _recorded(page, lambda: _type(page)),
        "sorting": _recorded(page, lambda: _sort(page)),
    }


def slow(frames: list[float]) -> float:
    """The frame that one of a hundred is slower than, in ms."""
    return sorted(frames)[len(frames) * 99 // 100]


def _recorded(page: Any, act: Any) -> list[float]:
    page.evaluate(RECORD)
    act()
    found: list[float] = page.evaluate("window.recorded()")
    return found


def _type(page: Any) -> None:
    page.evaluate("scrollTo(0, 0)")
    page.locator("#search").focus()
    for word in ("debian", "web-01", "alma 10.", "nothing like it"):
        page.keyboard.type(word, delay=60)
        for _ in word:
            page.keyboard.press("Backspace", delay=20)


def _sort(page: Any) -> None:
    for column in ("cpu", "memory", "name", "network", "cpu", "alerts"):
        page.locator(f"[data-sort={column}]").click()
        page.wait_for_timeout(200)
