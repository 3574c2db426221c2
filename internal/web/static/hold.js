// Keeps the clock of a hold running by the server's time, says when little of it is left, and what happens at its end.
// The page carries the time that was left when it was written; this page's own clock only counts from there.

const words = { 120: "Two minutes left.", 30: "Thirty seconds left." };

function shown(ms) {
	const s = Math.max(0, Math.ceil(ms / 1000));
	const two = (n) => String(n).padStart(2, "0");
	let t = two(Math.floor((s % 3600) / 60)) + ":" + two(s % 60);
	if (s >= 3600) t = two(Math.floor((s % 86400) / 3600)) + ":" + t;
	if (s >= 86400) t = Math.floor(s / 86400) + " d " + t;
	return t;
}

for (const bar of document.querySelectorAll("[data-hold]")) {
	const clock = bar.querySelector("[data-left]");
	if (!clock) continue;
	const ends = performance.timeOrigin + performance.now() + Number(clock.dataset.left);
	const rest = () => ends - (performance.timeOrigin + performance.now());
	const say = bar.querySelector("[data-say]");
	const said = new Set(Object.keys(words).filter((s) => rest() < s * 1000));
	const tick = () => {
		const left = rest();
		clock.textContent = shown(left);
		bar.classList.toggle("soon", left < 120_000 && !bar.hasAttribute("data-slow"));
		for (const [s, sentence] of Object.entries(words)) {
			if (left <= s * 1000 && !said.has(s) && say && left > 0) {
				said.add(s);
				say.textContent = sentence;
			}
		}
		if (left > 0) {
			setTimeout(tick, left % 1000 || 1000);
			return;
		}
		const ended = bar.querySelector("[data-ended]");
		if (ended) {
			ended.hidden = false;
			bar.querySelector(".rest").hidden = true;
			if (say) say.textContent = ended.textContent;
		}
	};
	tick();
	// A tab that slept asks the clock again.
	document.addEventListener("visibilitychange", () => { if (!document.hidden) clock.textContent = shown(rest()); });
}

// A page that comes back from the browser's memory would show a hold as it was: ask for it anew.
addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });
