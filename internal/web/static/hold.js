// Keeps the clock of a hold running, says when little of it is left, and what happens at its end.
import { run } from "./clock.js";

const words = [[30_000, "Thirty seconds left."], [120_000, "Two minutes left."]];
const said = new Map(); // by clock: the least time that was told of, ms

function each(clock, left) {
  const bar = clock.closest("[data-hold]");
  if (!bar || bar.hasAttribute("data-slow")) return;
  bar.classList.toggle("soon", left < 120_000);
  const now = words.find(([ms]) => left <= ms)?.[0] ?? Infinity;
  const before = said.get(clock);
  said.set(clock, now);
  if (before === undefined || now >= before) return; // what was so when the page came is on it already
  const say = bar.querySelector("[data-say]");
  if (say) say.textContent = words.find(([ms]) => ms === now)[1];
}

function over(clock) {
  const bar = clock.closest("[data-hold]");
  const ended = bar?.querySelector("[data-ended]");
  if (!ended) return;
  ended.hidden = false;
  bar.querySelector(".rest").hidden = true;
  const say = bar.querySelector("[data-say]");
  if (say) say.textContent = ended.textContent;
}

run(over, document, each);

// A page that comes back from the browser's memory would show a hold as it was: ask for it anew.
addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });
