// Times of a sale in the label's own zone. The server writes them in UTC and says so; here they become the zone of this
// browser, and the zone goes along with the form.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function local(utc) {
	const t = new Date(utc + "Z");
	const two = (n) => String(n).padStart(2, "0");
	return isNaN(t) ? utc : `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}T${two(t.getHours())}:${two(t.getMinutes())}`;
}

for (const box of zone ? document.querySelectorAll("[data-zoned]") : []) {
	for (const input of box.querySelectorAll("input[type=datetime-local]")) if (input.value) input.value = local(input.value);
	box.querySelector("input[name=zone]").value = zone;
}
