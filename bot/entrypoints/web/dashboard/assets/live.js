// Keeps a page current: asks for it again and puts its content in the place of the old one, while
// somebody looks at it and is not busy in it. Without this, the page reloads once a minute.
"use strict";
(() => {
  const main = document.getElementById("main");
  const said = document.getElementById("live");
  const wait = 10000;
  let before = main.innerHTML;

  const busy = () => {
    const at = document.activeElement;
    const chosen = window.getSelection();
    return (at && at !== main && main.contains(at)) || (chosen && !chosen.isCollapsed);
  };

  const look = async () => {
    if (document.hidden || busy()) {
      return;
    }
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
      if (!answer.ok) {
        said.textContent = "not up to date: " + answer.status;
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("main");
      if (fresh && fresh.innerHTML !== before && !busy()) {
        before = fresh.innerHTML;
        main.replaceChildren(...fresh.childNodes);
        said.textContent = "updated at " + new Date().toLocaleTimeString();
      }
    } catch {
      said.textContent = "not up to date: the server does not answer";
    }
  };

  setInterval(look, wait);
  document.addEventListener("visibilitychange", look);
})();
