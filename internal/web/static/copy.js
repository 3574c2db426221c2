// A link that is shown once is selected whole when it is touched, and can be copied by a button.
for (const field of document.querySelectorAll("[data-copy]")) {
	field.addEventListener("focus", () => field.select());
	if (!navigator.clipboard) continue;
	const button = document.createElement("button");
	button.type = "button";
	button.className = "plain";
	button.textContent = "Copy";
	button.addEventListener("click", async () => {
		await navigator.clipboard.writeText(field.value);
		button.textContent = "Copied";
	});
	field.after(button);
}
