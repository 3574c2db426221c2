// Sends the folder of a pressing: its manifest first, then each file that the shop asks for, piece by piece. The shop
// says how much of a file it has, so whatever breaks off goes on from there when the folder is dropped again. It checks
// every byte itself; here only what would be sent in vain is found early.

const piece = 8 << 20; // bytes of one request
const hashed = 64 << 20; // files up to this size are hashed before they are sent
const tries = 6;

const box = document.querySelector("[data-publish]");
const at = (name) => box.querySelector(`[data-${name}]`);
let going = null; // the sending that is under way

class Refused extends Error {}

async function ask(method, path, body, signal) {
	const got = await fetch(path, { method, body, signal, headers: { Accept: "application/json" } });
	if (got.status === 204) return {};
	const answer = await got.json().catch(() => null);
	if (got.ok && answer) return answer;
	if (got.status === 409 && answer && Number.isInteger(answer.have)) return answer; // it ends elsewhere
	if (got.status === 429 || got.status >= 500) throw new Error(answer?.error || "The shop does not answer.");
	throw new Refused(answer?.error || `The shop answered ${got.status}.`);
}

const sleep = (ms, signal) => new Promise((done, fail) => {
	const t = setTimeout(done, ms);
	signal.addEventListener("abort", () => { clearTimeout(t); fail(signal.reason); }, { once: true });
});

// again tries what may work in a moment.
async function again(signal, work) {
	for (let n = 1; ; n++) {
		try {
			return await work();
		} catch (e) {
			if (signal.aborted || e instanceof Refused || n === tries) throw e;
			await sleep(500 * 2 ** n, signal);
		}
	}
}

// The files of a drop or a choice, by their path within the pressing's folder.
async function fromDrop(items) {
	const files = new Map();
	const walk = async (entry, path) => {
		if (entry.isFile) {
			files.set(path + entry.name, await new Promise((ok, no) => entry.file(ok, no)));
			return;
		}
		const reader = entry.createReader();
		for (;;) {
			const some = await new Promise((ok, no) => reader.readEntries(ok, no));
			if (!some.length) return;
			for (const e of some) await walk(e, path + entry.name + "/");
		}
	};
	for (const e of [...items].map((i) => i.webkitGetAsEntry?.()).filter(Boolean)) await walk(e, "");
	return files;
}

function pressing(files) {
	let root = null;
	for (const path of files.keys()) {
		if (!/(^|\/)release\.json$/.test(path)) continue;
		const folder = path.slice(0, -"release.json".length);
		if (root === null || folder.length < root.length) root = folder;
	}
	if (root === null) throw new Refused("There is no release.json in this folder: it is not one that ferric press wrote.");
	return (name) => files.get(root + name);
}

const mb = (n) => (n / 1e6).toLocaleString(undefined, { maximumFractionDigits: n < 1e7 ? 1 : 0 }) + " MB";

function wrong(words) {
	at("wrong").textContent = words;
	at("wrong").hidden = !words;
}

// show draws how far every file is.
function show(s) {
	const have = s.files.reduce((n, f) => n + f.have, 0), size = s.files.reduce((n, f) => n + f.size, 0);
	at("all").value = size ? have / size : 1;
	at("amount").textContent = `${mb(have)} of ${mb(size)}`;
	at("files").replaceChildren(...s.files.map((f) => {
		const li = document.createElement("li"), name = document.createElement("span"), n = document.createElement("span");
		name.textContent = f.name;
		n.textContent = f.have === f.size ? `${mb(f.size)} \u2713` : `${mb(f.have)} of ${mb(f.size)}`;
		n.className = "number";
		if (f.have === f.size) li.className = "done";
		li.append(name, n);
		return li;
	}));
}

async function sameHash(file, want) {
	if (file.size > hashed || !crypto.subtle) return true;
	const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
	return Array.from(sum, (b) => b.toString(16).padStart(2, "0")).join("") === want;
}

async function send(find, signal) {
	const manifest = find("release.json");
	if (manifest.size > 16 << 20) throw new Refused("The release.json of this folder is too large.");
	const label = encodeURIComponent(box.dataset.publish);
	const s = await again(signal, () => ask("POST", `/api/labels/${label}/pressings${at("repress").checked ? "?repress=1" : ""}`, manifest, signal));
	if (s.done) return s.done;
	going.session = s.id;
	for (const f of s.files) {
		if (f.have === f.size) continue;
		const file = find(f.name);
		if (!file) throw new Refused(`The folder has no ${f.name}. Drop the whole folder of the pressing.`);
		if (file.size !== f.size || (f.have === 0 && !(await sameHash(file, f.sha256)))) throw new Refused(`${f.name} is not the file that was pressed: it was changed after. Press the album again, then publish.`);
		f.local = file;
	}
	show(s);
	for (const f of s.files) {
		while (f.have < f.size) {
			while (going.paused) await sleep(200, signal);
			const answer = await again(signal, () => ask("PUT", `/api/uploads/${s.id}/${f.sha256}?offset=${f.have}`, f.local.slice(f.have, f.have + piece), signal));
			f.have = answer.have;
			show(s);
		}
	}
	at("title").textContent = "Everything is here. The shop reads it through";
	at("said").textContent = "Everything is sent; the shop checks it.";
	return again(signal, () => ask("POST", `/api/uploads/${s.id}/done`, null, signal));
}

async function begin(files) {
	if (going) return;
	wrong("");
	const stop = new AbortController();
	going = { stop, paused: false, session: "" };
	at("title").textContent = "On its way";
	at("sending").hidden = false;
	at("drop").hidden = true;
	at("pause").textContent = "Pause";
	try {
		const done = await send(pressing(files), stop.signal);
		going = null;
		location.assign(`${box.dataset.desk}/${encodeURIComponent(done.slug)}`);
		return;
	} catch (e) {
		if (!stop.signal.aborted) wrong(e instanceof Refused ? e.message : `It broke off: ${e.message} What was sent is kept. Drop the folder again to go on.`);
	}
	going = null;
	at("sending").hidden = true;
	at("drop").hidden = false;
}

if (box) {
	box.hidden = false;
	const drop = at("drop"), input = drop.querySelector("input");
	input.addEventListener("change", () => {
		// "pressing/release.json", and so below the folder that was chosen
		begin(new Map([...input.files].map((f) => [f.webkitRelativePath || f.name, f])));
		input.value = "";
	});
	for (const kind of ["dragover", "dragleave", "drop"]) {
		drop.addEventListener(kind, (e) => {
			e.preventDefault();
			drop.classList.toggle("over", kind === "dragover");
		});
	}
	drop.addEventListener("drop", async (e) => begin(await fromDrop(e.dataTransfer.items)));
	at("pause").addEventListener("click", () => {
		if (!going) return;
		going.paused = !going.paused;
		at("pause").textContent = going.paused ? "Go on" : "Pause";
	});
	at("stop").addEventListener("click", async () => {
		if (!going) return;
		const { session, stop } = going;
		stop.abort(new DOMException("given up", "AbortError"));
		if (session) await ask("DELETE", `/api/uploads/${session}`).catch(() => {});
		wrong("It was given up; nothing of it is kept.");
	});
	addEventListener("beforeunload", (e) => { if (going) e.preventDefault(); });
}
