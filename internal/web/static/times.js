// Times and dates as the reader writes them. The server wrote them in UTC; without this they stay so.
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const hour = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });

export function localise(root = document) {
  for (const t of root.querySelectorAll("time[data-as]")) {
    const at = new Date(t.dateTime);
    if (!isNaN(at)) t.textContent = (t.dataset.as === "hour" ? hour : day).format(at);
  }
}

localise();
