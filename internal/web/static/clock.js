// Clocks that run down by the server's time: each says how many milliseconds were left when the page was written. The
// reader's own clock is never asked what time it is, only how much has passed.
const began = performance.now() - (performance.getEntriesByType("navigation")[0] ? performance.now() - performance.getEntriesByType("navigation")[0].responseStart : 0);
let offset; // server's ms since 1970 less performance.now()

// tell gives the server's time, as soon as a message brought it.
export function tell(now) {
  const here = now - performance.now();
  if (offset === undefined || here > offset) offset = here; // the quickest message is the truest
}

function remaining(clock) {
  if (offset !== undefined) return Date.parse(clock.dateTime) - offset - performance.now();
  return Number(clock.dataset.left) - (performance.now() - began);
}

const two = (n) => String(n).padStart(2, "0");

export function format(ms) {
  const s = Math.max(0, Math.ceil(ms / 1000));
  let t = two(Math.floor((s % 3600) / 60)) + ":" + two(s % 60);
  if (s >= 3600) t = two(Math.floor((s % 86400) / 3600)) + ":" + t;
  if (s >= 86400) t = Math.floor(s / 86400) + " d " + t;
  return t;
}

// run keeps all clocks below root going, and calls over(clock) once for each that is at its end, and each(clock, ms) whenever it looks.
export function run(over, root = document, each = () => {}) {
  const clocks = [...root.querySelectorAll("time[data-left]")];
  if (clocks.length === 0) return;
  const step = () => {
    for (let i = clocks.length - 1; i >= 0; i--) {
      const left = remaining(clocks[i]);
      const text = format(left);
      if (clocks[i].textContent !== text) clocks[i].textContent = text;
      each(clocks[i], left);
      if (left <= 0) over(clocks.splice(i, 1)[0]);
    }
    if (clocks.length > 0) setTimeout(step, 250);
  };
  step();
}
