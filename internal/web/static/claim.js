// A card's address may carry the code behind #, which no server sees. Take it into the form and out of the address.
const code = decodeURIComponent(location.hash.slice(1));
if (code && code.length <= 80 && !/[<>]/.test(code)) {
	const field = document.getElementById("code");
	if (field) field.value = code;
	history.replaceState(null, "", location.pathname);
}
