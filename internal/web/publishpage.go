package web

func publishPageRoutes(w *Web) []route {
	return []route{{pattern: "GET /desk/{label}/publish", who: owner, do: w.publishPage}}
}

// publishView is the page on which a pressing is dropped.
type publishView struct {
	deskView
	Command string // the same from a terminal
}

func (w *Web) publishPage(v *visit) error {
	p := publishView{deskView: v.deskView(tabPublish), Command: "ferric publish PRESSING --to " + w.address("") + " --token TOKEN"}
	return v.show(p.page("Publish", "publish.js", "copy.js"), publishForm(p))
}
