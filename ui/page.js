// What the page does by itself: follows markers to their sentences and back, carries clicks on buttons of our markup to
// Python, copies references, keeps the address, and listens to the keyboard. It reads and writes text only, never HTML.
(() => {
  "use strict";
  if (window.paperAssistant) return; // Gradio may run what stands in its head twice
  window.paperAssistant = true;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const base = document.currentScript ? new URL("./", document.currentScript.src) : new URL("page/", document.baseURI);

  // -- theme: Gradio's own class, remembered ------------------------------------------------------------------------

  function setTheme(dark) {
    for (const element of [document.documentElement, document.body]) element?.classList.toggle("dark", dark);
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }
  const remembered = localStorage.getItem("pa-theme");
  if (remembered) setTheme(remembered === "dark");
  function toggleTheme() {
    const dark = !document.body.classList.contains("dark");
    localStorage.setItem("pa-theme", dark ? "dark" : "light");
    setTheme(dark);
  }

  // -- messages for those who see and those who hear ------------------------------------------------------------------

  let toast;
  function say(text) {
    if (!toast) {
      toast = document.createElement("div");
      toast.id = "pa-toast";
      toast.setAttribute("role", "status");
      document.body.append(toast);
    }
    toast.textContent = text;
    toast.classList.add("pa-shown");
    clearTimeout(say.timer);
    say.timer = setTimeout(() => toast.classList.remove("pa-shown"), 2500);
  }
  const text = (name) => $(`#pa-words .pa-word-${name}`)?.textContent ?? "";

  // -- from a marker to its sentence and back -------------------------------------------------------------------------

  // Where a link leads: the quote in the panel, or the list under the answer when the panel no longer holds it.
  function target(id) {
    if (id === "pa-question") return $("#pa-question textarea");
    return document.getElementById(id) ?? document.getElementById(id.replace(/^mark-/, "cited-"));
  }

  // Shows the sources of the answer that the target belongs to, and opens what it is folded into.
  function reveal(element) {
    const section = element.closest(".pa-turn");
    if (section) for (const other of $$(".pa-turn")) other.hidden = other !== section;
    for (let folded = element.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
  }

  function visit(element) {
    reveal(element);
    element.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
    if (!element.matches("a, summary, button, textarea")) element.setAttribute("tabindex", "-1");
    element.focus({ preventScroll: true });
    for (const found of $$(".pa-found")) found.classList.remove("pa-found");
    void element.offsetWidth; // restarts the highlight when the same quote is visited again
    element.classList.add("pa-found");
  }

  let cameFrom = null;
  function follow(link) {
    const element = target(link.getAttribute("href").slice(1));
    if (!element) return;
    if (link.closest("#pa-chat")) cameFrom = link.id;
    hideHint();
    visit(element);
  }

  // -- title and quote of a marker, while the pointer or the focus rests on it ----------------------------------------

  let hint;
  function showHint(link) {
    const mark = target(link.getAttribute("href").slice(1));
    const card = mark?.closest(".pa-paper, li");
    const title = card?.querySelector("h3, .pa-title");
    if (!title) return;
    if (!hint) {
      hint = document.createElement("div");
      hint.id = "pa-hint";
      hint.setAttribute("role", "tooltip");
      hint.append(document.createElement("strong"), document.createElement("p"));
      document.body.append(hint);
    }
    const plain = title.cloneNode(true);
    for (const extra of $$(".pa-number, .pa-heard, .katex-html", plain)) extra.remove();
    hint.firstChild.textContent = plain.textContent;
    hint.lastChild.textContent = mark.matches("mark") ? `“${mark.textContent}”` : "";
    hint.classList.add("pa-shown");
    link.setAttribute("aria-describedby", "pa-hint");
    const box = link.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left, innerWidth - hint.offsetWidth - 8));
    const below = box.bottom + 6;
    const top = below + hint.offsetHeight > innerHeight ? box.top - hint.offsetHeight - 6 : below;
    hint.style.transform = `translate(${left}px, ${Math.max(8, top)}px)`;
  }
  function hideHint() {
    hint?.classList.remove("pa-shown");
    for (const link of $$("[aria-describedby=pa-hint]")) link.removeAttribute("aria-describedby");
  }
  for (const [enter, leave] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    document.addEventListener(enter, (event) => {
      const link = event.target.closest?.(".pa-marker");
      if (link) showHint(link);
    });
    document.addEventListener(leave, (event) => event.target.closest?.(".pa-marker") && hideHint());
  }

  // -- buttons of our markup ------------------------------------------------------------------------------------------

  function send(view, verb, value) {
    const box = $(`#pa-${view}-box textarea, #pa-${view}-box input`);
    if (!box) return;
    if (view === "ask") lastQuestion = "";
    box.value = JSON.stringify([verb, value]);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    $(`#pa-${view}-go`).click();
  }

  async function copy(url) {
    try {
      const reply = await fetch(url);
      if (!reply.ok) throw new Error(reply.status);
      await write(await reply.text());
      say(text("copied"));
    } catch {
      say(text("copy-failed"));
    }
  }
  async function write(words) {
    if (navigator.clipboard) return navigator.clipboard.writeText(words);
    const area = document.createElement("textarea"); // a page on another machine without TLS has no clipboard of its own
    area.value = words;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("copy");
  }

  // -- a new question stays in sight with the beginning of its answer, until it is answered or somebody scrolls ----------

  let lastQuestion = "", keptInSight = null;
  function keepInSight() {
    const last = $$("#pa-chat .pa-question").pop();
    const key = last ? `${last.id} ${last.textContent}` : "";
    if (key !== lastQuestion) keptInSight = last?.id ?? null;
    lastQuestion = key;
    if (!keptInSight) return;
    last.scrollIntoView({ block: "start" });
    const replies = $$("#pa-chat .bot-row");
    if ($(".pa-actions", replies.at(-1))) requestAnimationFrame(() => { keptInSight = null; });
  }
  for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) {
    document.addEventListener(kind, (event) => {
      if (!event.target.closest?.("#pa-ask")) keptInSight = null;
    }, { passive: true, capture: true });
  }

  const openConversation = () => $(".pa-current")?.id.replace("conversation-", "") ?? "";
  const showTab = (name) => $(`#pa-tab-${name}-button`)?.click();
  const afterAction = {
    "talk-edit": () => focusQuestion(),
    "talk-query": () => focusQuestion(),
    "talk-cancel": () => focusQuestion(),
    "talk-about": () => { showTab("ask"); setTimeout(focusQuestion, 400); },
    "ask-alone": () => focusQuestion(),
    "ask-again": () => focusQuestion(),
    "shelf-paper": () => { showTab("library"); awaitPaper(); },
  };
  function focusQuestion() {
    $("#pa-question textarea")?.focus();
  }
  let paperAwaited = null; // what stood in the paper's place before
  function awaitPaper() {
    paperAwaited = $("#pa-open-paper")?.textContent ?? "";
    setTimeout(showPaper, 3000); // the same paper once more changes nothing
  }
  function showPaper() {
    if (paperAwaited === null) return;
    paperAwaited = null;
    const place = $("#pa-open-paper"), { top } = place.getBoundingClientRect();
    if (top < 0 || top > innerHeight / 2) place.scrollIntoView({ block: "start", behavior: still.matches ? "auto" : "smooth" });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.pa-jump");
    if (link) {
      event.preventDefault();
      follow(link);
      return;
    }
    const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);
    const kept = event.target.closest?.("a.pa-conversation");
    if (kept && plain) {
      event.preventDefault();
      send("talk", "open", new URL(kept.href).searchParams.get("c"));
      $("#pa-history")?.classList.remove("pa-open-history");
      return;
    }
    const button = event.target.closest?.("button.pa-act");
    if (!button) return;
    const [view, ...rest] = button.name.split("-");
    const verb = rest.join("-");
    if (view === "page") toggleTheme();
    else if (button.name === "copy-answer") copy(new URL(`conversations/${openConversation()}/${button.value}.txt`, base));
    else if (view === "copy") copy(new URL(`paper.${verb}?id=${encodeURIComponent(button.value)}`, base));
    else {
      send(view, verb, button.value);
      afterAction[button.name]?.();
    }
    button.closest("details.pa-menu")?.removeAttribute("open");
  });

  // A menu closes when the focus or a click goes elsewhere.
  for (const kind of ["click", "focusin"]) {
    document.addEventListener(kind, (event) => {
      for (const menu of $$("details.pa-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    });
  }

  // Asking hides the button that was pressed; whoever pressed it with the keyboard goes on in the question box.
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#pa-history-toggle")) toggleHistory();
    if (event.detail === 0 && event.target.closest?.("#pa-ask-button, #pa-stop, #pa-clear, #pa-chat .example, #pa-delete-yes")) focusQuestion();
  });

  function toggleHistory() {
    showTab("ask");
    const list = $("#pa-history");
    const open = list.classList.toggle("pa-open-history");
    $("#pa-history-toggle").setAttribute("aria-expanded", open);
    if (open) $("#pa-clear").focus();
  }

  // -- keyboard -------------------------------------------------------------------------------------------------------

  function step(by) {
    const markers = $$("#pa-chat .pa-marker");
    if (!markers.length) return;
    const at = markers.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : markers.length - 1) : (at + by + markers.length) % markers.length;
    markers[next].focus();
    markers[next].scrollIntoView({ block: "nearest" });
  }
  const keys = {
    "/": () => { showTab("ask"); focusQuestion(); },
    n: () => step(1),
    p: () => step(-1),
    b: () => { const link = cameFrom && document.getElementById(cameFrom); if (link) visit(link); },
    c: () => { showTab("ask"); $("#pa-clear")?.click(); focusQuestion(); },
    "?": () => showTab("help"),
    1: () => showTab("ask"),
    2: () => showTab("library"),
    3: () => showTab("settings"),
    4: () => showTab("help"),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      hideHint();
      for (const menu of $$("details.pa-menu[open]")) menu.open = false;
      const stop = $("#pa-stop");
      if (stop && stop.offsetParent) stop.click();
      return;
    }
    const tab = event.target.closest?.("[role=tab]");
    if (tab && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      const tabs = $$("#pa-views [role=tab]");
      const next = tabs[(tabs.indexOf(tab) + (event.key === "ArrowRight" ? 1 : -1) + tabs.length) % tabs.length];
      next.focus();
      next.click();
      return;
    }
    if (event.target.closest?.("input, textarea, select, [contenteditable=true]") || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  // -- the address names the open conversation, so that a reload finds it again ---------------------------------------

  function keepAddress() {
    const current = $(".pa-current");
    if (!current) return;
    const id = openConversation();
    const address = new URL(location.href);
    if ((address.searchParams.get("c") ?? "") === id) return;
    if (id) address.searchParams.set("c", id);
    else address.searchParams.delete("c");
    history.replaceState(history.state, "", address);
    for (const link of $$("a.pa-language")) link.search = address.search;
  }

  // -- what Gradio's own markup lacks for those who hear the page -----------------------------------------------------

  const attributes = {
    "#pa-chat [data-testid=user][aria-label], #pa-chat [data-testid=bot][aria-label]": (e) => e.removeAttribute("aria-label"),
    "#pa-chat .examples[role=list]": (e) => e.removeAttribute("role"), // its buttons are no list items
    "[aria-label='common.upload']": (e) => { e.ariaLabel = e.title = text("upload"); }, // Gradio's own name is missing
    "a.pa-language[target]": (e) => e.removeAttribute("target"), // the same page in other words, not another page
    ".upload-container[aria-label]": (e) => e.removeAttribute("aria-label"), // its text says the same and more
    "#pa-views .tab-container[aria-hidden=true]": (e) => { e.inert = true; },
  };
  let planned = false;
  function mend() {
    planned = false;
    keepAddress();
    keepInSight();
    if (paperAwaited !== null && $("#pa-open-paper").textContent !== paperAwaited) showPaper();
    for (const [selector, change] of Object.entries(attributes)) for (const element of $$(selector)) change(element);
    const language = $("#pa-words")?.lang;
    if (language && document.documentElement.lang !== language) document.documentElement.lang = language;
  }
  new MutationObserver(() => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(mend);
  }).observe(document.documentElement, { subtree: true, childList: true, attributeFilter: ["aria-label", "role"] });
})();
