package jcard

import (
	"io"
	"testing"

	"ferric/sheet"
	"ferric/sheet/pdf"
)

func BenchmarkCard(b *testing.B) {
	r := latin()
	for b.Loop() {
		s := suite(b, r, Options{})
		if err := pdf.Write(io.Discard, s.Card()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCardCold(b *testing.B) {
	r := latin()
	for b.Loop() {
		s, err := NewSuite(sheet.NewFonts(), r, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := pdf.Write(io.Discard, s.Card()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNumbered500(b *testing.B) {
	r := latin()
	for b.Loop() {
		s := suite(b, r, Options{Edition: edition(500, 0)})
		doc, err := s.Numbered()
		if err != nil {
			b.Fatal(err)
		}
		if err := pdf.Write(io.Discard, doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCardMany(b *testing.B) {
	r := many()
	for b.Loop() {
		suite(b, r, Options{})
	}
}
