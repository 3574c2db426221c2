// Passkeys: the browser's half of WebAuthn. The server makes the challenge and checks the answer; here it is only passed on,
// in the JSON forms that WebAuthn Level 3 gives (parse...OptionsFromJSON and toJSON), or by hand where a browser lacks them.

const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function ask(path, body) {
	const got = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body) });
	const answer = await got.json().catch(() => ({ error: "The shop could not be reached. Please try again." }));
	if (!got.ok) throw new Error(answer.error);
	return answer;
}

function creation(o) {
	if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(o);
	const ids = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));
	return { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: ids(o.excludeCredentials) };
}

function request(o) {
	if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(o);
	return { ...o, challenge: bytes(o.challenge), allowCredentials: (o.allowCredentials || []).map((c) => ({ ...c, id: bytes(c.id) })) };
}

function json(c) {
	if (c.toJSON) return c.toJSON();
	const r = c.response, out = {};
	for (const k of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) if (r[k]) out[k] = text(r[k]);
	if (r.getTransports) out.transports = r.getTransports();
	return { id: c.id, rawId: text(c.rawId), type: c.type, authenticatorAttachment: c.authenticatorAttachment, clientExtensionResults: c.getClientExtensionResults(), response: out };
}

// run does a ceremony and goes on, or says in words why not.
async function run(box, button, work) {
	const wrong = box.querySelector("[data-wrong]");
	wrong.textContent = "";
	button.disabled = true;
	try {
		const { next } = await work();
		if (new URL(next, location).pathname === location.pathname) location.reload();
		else location.assign(next);
	} catch (e) {
		wrong.textContent = e.name === "NotAllowedError" ? "Nothing was done: the browser was told no, or waited too long."
			: e.name === "InvalidStateError" ? "This device has a passkey for the account already."
			: e.message;
		button.disabled = false;
	}
}

if (window.PublicKeyCredential && window.isSecureContext) {
	for (const box of document.querySelectorAll("[data-passkey]")) {
		box.hidden = false;
		const button = box.querySelector("button");
		if (box.dataset.passkey === "sign-in") {
			button.addEventListener("click", () => run(box, button, async () => {
				const c = await ask("/api/passkey/begin", {});
				const credential = await navigator.credentials.get({ publicKey: request(c.options.publicKey) });
				return ask("/api/passkey/finish", { state: c.state, answer: json(credential), next: box.dataset.next });
			}));
		} else {
			box.addEventListener("submit", (e) => {
				e.preventDefault();
				run(box, button, async () => {
					const c = await ask("/api/account/passkey/begin", {});
					const credential = await navigator.credentials.create({ publicKey: creation(c.options.publicKey) });
					return ask("/api/account/passkey/finish", { state: c.state, answer: json(credential), name: box.elements.key.value });
				});
			});
		}
	}
}
