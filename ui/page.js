// Follows the links between an answer's markers and the quotes in the sources panel.
(() => {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  // Where a link leads: the quote in the panel, or the list under the answer when the panel no longer holds it.
  function target(id) {
    return document.getElementById(id) ?? document.getElementById(id.replace(/^mark-/, "cited-"));
  }

  // Shows the sources of the answer that the target belongs to, and opens what it is folded into.
  function reveal(element) {
    const section = element.closest(".pa-turn");
    if (section) {
      for (const other of document.querySelectorAll(".pa-turn")) other.hidden = other !== section;
    }
    const folded = element.closest("details");
    if (folded) folded.open = true;
  }

  function visit(element) {
    reveal(element);
    element.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
    if (!element.matches("a")) element.setAttribute("tabindex", "-1");
    element.focus({ preventScroll: true });
    element.classList.remove("pa-found");
    void element.offsetWidth; // restarts the highlight when the same quote is visited again
    element.classList.add("pa-found");
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.pa-jump");
    if (!link) return;
    event.preventDefault();
    const element = target(link.getAttribute("href").slice(1));
    if (element) visit(element);
  });

  // Asking hides the button that was pressed; whoever pressed it with the keyboard goes on in the question box.
  document.addEventListener("click", (event) => {
    if (event.detail === 0 && event.target.closest?.("#pa-ask-button, #pa-stop, #pa-retry, #pa-clear, #pa-chat .example")) {
      document.querySelector("#pa-question textarea")?.focus();
    }
  });

  // Gradio labels a message with its source text, markup included; a screen reader should hear the message instead.
  function unlabel(nodes) {
    for (const message of nodes) message.removeAttribute("aria-label");
  }
  new MutationObserver(() => {
    unlabel(document.querySelectorAll("#pa-chat [data-testid=user][aria-label], #pa-chat [data-testid=bot][aria-label]"));
  }).observe(document.documentElement, { subtree: true, childList: true, attributeFilter: ["aria-label"] });
})();
