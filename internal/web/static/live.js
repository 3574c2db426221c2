// Keeps a release's numbers, counts and clocks true while others buy, and lets arrow keys walk the grid.
import * as clock from "./clock.js";

const words = { f: ["free", "free"], h: ["held", "held by somebody"], g: ["gone", "sold"], v: ["void", "will never be sold"], a: ["away", "not sold here"] };
const runs = new Map();
for (const section of document.querySelectorAll("section[data-run]")) runs.set(section.dataset.run, section);

// cellOf finds a number's cell; a large run shows only some of them.
function cells(section) {
  if (!section.cells) {
    section.cells = new Map();
    for (const c of section.querySelectorAll(":scope .grid[id] > *")) section.cells.set(numberOf(c), c);
  }
  return section.cells;
}

function numberOf(cell) {
  const input = cell.querySelector("input");
  return Number(input ? input.value : cell.pathname.slice(cell.pathname.lastIndexOf("/") + 1));
}

// put gives a number its new state. The cell keeps its place and size.
function put(section, number, letter) {
  const cell = cells(section).get(number);
  if (!cell || !words[letter]) return;
  const [state, say] = words[letter];
  if (cell.className === "mine" && state === "held") return;
  if (cell.className === state) return;
  const label = cell.textContent.trim();
  const grid = cell.parentNode;
  let fresh;
  if (state === "free" && section.querySelector("[data-take]")) {
    fresh = document.createElement("label");
    const input = document.createElement("input");
    input.type = "radio";
    input.name = "number";
    input.value = String(number);
    fresh.append(input, label);
  } else {
    fresh = document.createElement("a");
    fresh.href = grid.dataset.base + number;
    fresh.tabIndex = -1;
    fresh.setAttribute("aria-label", label + ", " + say);
    fresh.textContent = label;
    if (cell.querySelector(":checked")) {
      section.querySelector('.any input').checked = true;
      announce(section, "Number " + label + " is gone: " + say + ".");
    }
  }
  fresh.className = state;
  if (cell.contains(document.activeElement)) queueMicrotask(() => (fresh.querySelector("input") || fresh).focus({ preventScroll: true }));
  cell.replaceWith(fresh);
  cells(section).set(number, fresh);
}

// count writes how many are free, on the drums and in words, and what the button can do.
function count(section, free) {
  const drums = section.querySelector("[data-drums]");
  if (drums) {
    const digits = String(free).padStart(drums.querySelectorAll("b").length, "0");
    [...drums.querySelectorAll("b")].forEach((b, i) => { if (b.textContent !== digits[i]) b.textContent = digits[i]; });
    drums.querySelector("[data-count]").textContent = free;
  }
  for (const state of ["free", "held", "gone", "away", "void", "mine"]) {
    const legend = section.querySelector(`[data-legend="${state}"] .number`);
    if (legend && section.states) legend.textContent = state === "mine" ? section.querySelectorAll(".grid[id] .mine").length : section.states.filter((s) => words[s][0] === state).length;
  }
  section.free = free;
  button(section);
}

function button(section) {
  const take = section.querySelector("[data-take]");
  if (!take) return;
  const open = section.dataset.state !== "opens";
  take.disabled = !open || section.free === 0;
  const chosen = section.querySelector(".grid input:checked");
  take.textContent = !open ? "Not open yet" : section.free === 0 ? "None free" : chosen ? "Hold number " + chosen.value : "Hold a copy";
}

function announce(section, text) {
  let said = section.querySelector("[data-said]");
  if (!said) {
    said = document.createElement("p");
    said.className = "quiet";
    said.dataset.said = "";
    said.setAttribute("role", "status");
    section.append(said);
  }
  said.textContent = text;
}

function hear(message) {
  const news = JSON.parse(message.data);
  clock.tell(news.now);
  const section = runs.get(news.run);
  if (!section) return;
  if (news.all) section.states = [...news.all];
  for (const [n, letter] of Object.entries(news.cells || {})) if (section.states) section.states[n - 1] = letter;
  if (news.all) section.states.forEach((letter, i) => put(section, i + 1, letter));
  for (const [n, letter] of Object.entries(news.cells || {})) put(section, Number(n), letter);
  count(section, news.free);
}

// listen opens the stream, and again a while after it was refused. The browser itself comes back when it is cut.
function listen(address, wait = 5000) {
  const stream = new EventSource(address);
  stream.onmessage = hear;
  stream.addEventListener("now", (m) => clock.tell(Number(m.data)));
  stream.onopen = () => (wait = 5000);
  stream.onerror = () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => listen(address, Math.min(wait * 2, 60000)), wait * (0.5 + Math.random()));
  };
  addEventListener("pagehide", () => stream.close(), { once: true });
}

// A page that comes back from the browser's memory would show a run as it was.
addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });

// Arrow keys walk the grid by cells and by rows.
function walk(event) {
  const grid = event.currentTarget;
  const all = [...grid.children];
  const at = all.findIndex((c) => c.contains(document.activeElement));
  if (at < 0) return;
  const across = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + across, ArrowUp: at - across, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined || to < 0 || to >= all.length) return;
  event.preventDefault();
  const next = all[to].querySelector("input");
  if (next) next.checked = true;
  (next || all[to]).focus();
  grid.dispatchEvent(new Event("change", { bubbles: true }));
}

for (const section of runs.values()) {
  section.free = Number(section.querySelector("[data-count]")?.textContent || 0);
  section.addEventListener("change", () => button(section));
  for (const grid of section.querySelectorAll(".grid[id]")) grid.addEventListener("keydown", walk);
}

clock.run((ended) => {
  const section = ended.closest("section[data-run]");
  if (ended.closest("[data-opens]")) {
    section.dataset.state = "on sale";
    ended.closest("[data-opens]").querySelector("p").textContent = "Open";
    button(section);
    announce(section, "The sale is open.");
  } else if (ended.closest(".yours")) {
    ended.closest(".yours").firstElementChild.textContent = "Your hold is over. What nobody took meanwhile is free again.";
    for (const mine of section.querySelectorAll(".grid .mine")) mine.className = "held"; // the stream says what became of it
  }
});

const address = document.querySelector("section[data-live]")?.dataset.live;
if (address && window.EventSource) listen(address);
