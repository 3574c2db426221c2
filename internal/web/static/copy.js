// A link that is shown once is selected whole when it is touched, and copied by the button beside it.
for (const field of document.querySelectorAll("[data-copy]")) {
	field.addEventListener("focus", () => field.select());
	const button = field.nextElementSibling;
	if (!navigator.clipboard) {
		button.remove();
		continue;
	}
	button.hidden = false;
	button.addEventListener("click", async () => {
		await navigator.clipboard.writeText(field.value);
		button.textContent = "Copied";
	});
}
