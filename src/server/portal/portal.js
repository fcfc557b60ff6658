// All of it: buttons that copy, and a claim's code from the part of its link that no server sees. Without it, both are done by hand.
"use strict";
(() => {
  const said = document.getElementById("told");
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const source = document.getElementById(button.dataset.copy);
    if (!source || !navigator.clipboard) continue;
    button.hidden = false;
    const word = button.textContent;
    button.addEventListener("click", async () => {
      let done = "Copied";
      try {
        await navigator.clipboard.writeText(source.textContent);
      } catch {
        getSelection().selectAllChildren(source);
        done = "Selected: copy it";
      }
      button.textContent = done;
      if (said) said.textContent = done;
      setTimeout(() => { button.textContent = word; if (said) said.textContent = ""; }, 3000);
    });
  }

  const field = document.getElementById("code");
  const code = decodeURIComponent(location.hash.slice(1));
  if (field && location.pathname === "/claim" && /^skc_[\w-]{20,100}$/.test(code)) {
    field.value = code;
    // Not in the history, and not in what is copied from the address bar.
    history.replaceState(null, "", "/claim");
    document.getElementById("paste").hidden = true;
    document.getElementById("ready").hidden = false;
    document.getElementById("redeem").focus();
  }
})();
