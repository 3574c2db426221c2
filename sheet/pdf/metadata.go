package pdf

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"ferric/sheet"
)

// info writes the document information dictionary.
func (f *file) info(doc *sheet.Document) ref {
	r := f.alloc()
	f.begin(r)
	f.printf("<<")
	put := func(key, value string) {
		if value != "" {
			f.printf(" /%s %s", key, textString(value))
		}
	}
	put("Title", doc.Title)
	put("Author", doc.Author)
	put("Subject", doc.Subject)
	put("Keywords", strings.Join(doc.Keywords, ", "))
	put("Creator", doc.Creator)
	put("Producer", "Ferric")
	if t, err := time.Parse(time.RFC3339, doc.Created); err == nil {
		put("CreationDate", "D:"+t.UTC().Format("20060102150405")+"Z")
	}
	f.printf(" >>\n")
	f.end()
	return r
}

// xmp writes the same as an XMP packet (ISO 16684-1), which print tools and
// archives read.
func (f *file) xmp(doc *sheet.Document) ref {
	var b strings.Builder
	b.WriteString("<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n" +
		"<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\n<dc:format>application/pdf</dc:format>\n")
	put := func(format, value string) {
		if value != "" {
			fmt.Fprintf(&b, format+"\n", escaped(value))
		}
	}
	put(`<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>`, doc.Title)
	put(`<dc:creator><rdf:Seq><rdf:li>%s</rdf:li></rdf:Seq></dc:creator>`, doc.Author)
	put(`<dc:description><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:description>`, doc.Subject)
	put(`<pdf:Keywords>%s</pdf:Keywords>`, strings.Join(doc.Keywords, ", "))
	put(`<xmp:CreatorTool>%s</xmp:CreatorTool>`, doc.Creator)
	if t, err := time.Parse(time.RFC3339, doc.Created); err == nil {
		put(`<xmp:CreateDate>%s</xmp:CreateDate>`, t.UTC().Format(time.RFC3339))
	}
	b.WriteString("<pdf:Producer>Ferric</pdf:Producer>\n</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>")
	r := f.alloc()
	f.rawStream(r, "/Type /Metadata /Subtype /XML", []byte(b.String()))
	return r
}

func escaped(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // to memory: cannot fail
	return b.String()
}
