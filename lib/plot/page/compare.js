"use strict";
// Shows the pages of one session by two runs, and tells each what is chosen in the other.

const frames = [...document.querySelectorAll("iframe")], menu = document.getElementById("session");
let latest = "";

function showSession() {
  const { first, second } = menu.selectedOptions[0].dataset;
  latest = "";
  [first, second].forEach((path, side) => { frames[side].src = path; });
}

const tell = (side, hash) => frames[side].contentWindow.postMessage({ hash }, "*");

/** What the first page shows when it opens is shown by the second; then each follows the other. */
window.addEventListener("message", ({ source, data }) => {
  const side = frames.findIndex((frame) => frame.contentWindow === source);
  if (side < 0 || typeof data?.hash !== "string") return;
  if (data.opened && side === 1) {
    if (latest) tell(1, latest);
    return;
  }
  latest = data.hash;
  tell(1 - side, latest);
});

menu.addEventListener("change", showSession);
if (menu.options.length) showSession();
