// Before the first paint: the colours that this browser was told to keep.
(() => {
  let kept = null;
  try {
    kept = localStorage.getItem("guestwire-theme");
  } catch {
    // storage may be forbidden: the system's colours then
  }
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
})();
