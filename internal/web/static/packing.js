// Numbers are confirmed without leaving the page, so that a scanner can go on at once. Each answer is said in words, which
// screen readers speak, and as a tone: high and short when the copy belongs into the parcel, low and long when it does not.

let audio;

function tone(right) {
	try {
		audio ??= new AudioContext();
		audio.resume();
		const now = audio.currentTime, long = right ? 0.09 : 0.35;
		const voice = new OscillatorNode(audio, { type: right ? "sine" : "square", frequency: right ? 880 : 196 });
		const level = new GainNode(audio, { gain: 0.0001 });
		level.gain.exponentialRampToValueAtTime(right ? 0.2 : 0.12, now + 0.01);
		level.gain.setValueAtTime(right ? 0.2 : 0.12, now + long - 0.03);
		level.gain.exponentialRampToValueAtTime(0.0001, now + long);
		voice.connect(level).connect(audio.destination);
		voice.start(now);
		voice.stop(now + long);
	} catch {
		// No sound here; the words are there.
	}
}

function say(box, right, words) {
	const line = document.createElement("span");
	line.className = right ? "good" : "bad";
	line.textContent = words;
	box.querySelector("[data-heard]").replaceChildren(line);
	tone(right);
}

async function confirm(form, box) {
	const field = form.elements.number;
	let answer, said;
	try {
		answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(new FormData(form)) });
		said = await answer.json();
	} catch {
		say(box, false, "No answer from the shop. Nothing was confirmed; scan it again.");
		return;
	}
	field.value = "";
	if (!answer.ok) {
		say(box, false, said.error);
		field.focus();
		return;
	}
	for (const li of box.querySelectorAll("[data-copy]")) if (li.dataset.copy === said.copy) li.classList.add("in");
	say(box, true, said.said);
	if (said.left > 0) {
		field.focus();
		return;
	}
	form.hidden = true;
	const packed = box.querySelector("[data-packed]");
	packed.hidden = false;
	packed.querySelector("button").focus();
}

for (const box of document.querySelectorAll("[data-parcel]")) {
	const form = box.querySelector("[data-confirm]");
	form.addEventListener("submit", (e) => {
		e.preventDefault();
		confirm(form, box);
	});
}
if (document.querySelector("[data-heard] .bad")) document.querySelector("[data-heard] .bad").scrollIntoView({ block: "center" });
