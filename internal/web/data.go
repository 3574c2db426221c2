package web

import (
	"strconv"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/window"
)

// What a page says to machines: schema.org in JSON-LD. A release is a MusicRelease, which is no Product, so it is both (schema.org/MusicRelease,
// schema.org/Product, schema.org/Offer).

type object map[string]any

// recording is a track.
type recording struct {
	Type     string `json:"@type"`
	Name     string `json:"name"`
	Position string `json:"position"`
	Duration string `json:"duration"`
}

const schemaOrg = "https://schema.org"

func releaseData(w *Web, p *window.Page) any {
	album := object{"@type": "MusicAlbum", "name": p.Title, "byArtist": object{"@type": "MusicGroup", "name": p.Artist.Name, "url": w.address(artistPath(p.Artist.Slug))}}
	o := object{
		"@context": schemaOrg, "@type": []string{"MusicRelease", "Product"},
		"name": p.Title, "url": w.address(releasePath(p.Label.Slug, p.Slug)), "releaseOf": album,
		"musicReleaseFormat": "https://schema.org/CassetteFormat", "description": describeRelease(p),
		"recordLabel": object{"@type": "Organization", "name": p.Label.Name, "url": w.address(labelPath(p.Label.Slug))},
		"brand":       object{"@type": "Brand", "name": p.Label.Name},
	}
	set := func(name, value string) {
		if value != "" {
			o[name] = value
		}
	}
	set("catalogNumber", p.CatalogNumber)
	set("sku", p.CatalogNumber)
	set("gtin13", ean13(p.Barcode))
	if p.Cover != "" {
		o["image"] = w.address(coverPath(p.Cover, 1200))
	}
	if p.Year != 0 {
		o["datePublished"] = strconv.Itoa(p.Year)
	}
	total := 0.0
	var tracks []recording
	for _, s := range p.Detail.Sides {
		total += s.Seconds()
		for _, t := range s.Tracks {
			tracks = append(tracks, recording{"MusicRecording", t.Title, t.Position, iso(t.Duration)})
		}
	}
	if total > 0 {
		o["duration"], o["track"], o["numTracks"] = iso(total), tracks, len(tracks)
	}
	var offers []object
	for _, r := range p.Runs {
		if r.OnSale {
			offers = append(offers, offer(w, p, r))
		}
	}
	if len(offers) > 0 {
		o["offers"] = offers
	}
	return o
}

func offer(w *Web, p *window.Page, r window.Run) object {
	state := stateOfRun(p, r, count(r.Grid, r.Copies, ""))
	words := map[saleState]string{onSale: "LimitedAvailability", opensSoon: "PreOrder", noneFree: "OutOfStock", soldOut: "SoldOut", closed: "OutOfStock", takenBack: "Discontinued"}
	o := object{
		"@type": "Offer", "price": amount(r.Terms.Price), "priceCurrency": r.Terms.Price.Currency, "availability": schemaOrg + "/" + words[state],
		"itemCondition": schemaOrg + "/NewCondition", "url": w.address(releasePath(p.Label.Slug, p.Slug)) + "#run-" + strconv.Itoa(r.Ordinal),
		"inventoryLevel": object{"@type": "QuantitativeValue", "value": r.Free},
		"seller":         object{"@type": "Organization", "name": p.Label.Name},
	}
	if !r.Terms.Opens.IsZero() {
		o["validFrom"] = stamp(r.Terms.Opens)
	}
	if !r.Terms.Closes.IsZero() {
		o["validThrough"] = stamp(r.Terms.Closes)
	}
	if r.Terms.PerPerson > 0 {
		o["eligibleQuantity"] = object{"@type": "QuantitativeValue", "maxValue": r.Terms.PerPerson}
	}
	return o
}

// ean13 is a barcode as thirteen digits; a UPC is an EAN that begins with a zero.
func ean13(code string) string {
	switch len(code) {
	case 13:
		return code
	case 12:
		return "0" + code
	}
	return ""
}

// iso is a length as ISO 8601 has it: PT4M48S.
func iso(s float64) string {
	d := seconds(s).Round(time.Second)
	return "PT" + strconv.Itoa(int(d/time.Minute)) + "M" + strconv.Itoa(int(d%time.Minute/time.Second)) + "S"
}

func labelData(w *Web, l catalog.Label) any {
	o := object{"@context": schemaOrg, "@type": "Organization", "name": l.Name, "url": w.address(labelPath(l.Slug))}
	if l.Place != "" || l.Country != "" {
		address := object{"@type": "PostalAddress"}
		if l.Place != "" {
			address["addressLocality"] = l.Place
		}
		if l.Country != "" {
			address["addressCountry"] = l.Country
		}
		o["address"] = address
	}
	return o
}
