package shop

import "testing"

func TestSamePerson(t *testing.T) {
	for _, twin := range [][2]string{{"Ann@Example.org", "ann+tape@example.ORG"}, {"a.n.n@example.org", "ann@example.org"}} {
		if MailKey(twin[0]) != MailKey(twin[1]) {
			t.Errorf("%s and %s are two people", twin[0], twin[1])
		}
	}
	if MailKey("ann@example.org") == MailKey("bob@example.org") || MailKey("a@bc.org") == MailKey("ab@c.org") {
		t.Error("two people are one")
	}
	home := Address{Name: "Ann", Street: "Ul. Żółwia 3 m. 4", Code: "90-001", City: "Łódź", Country: "PL"}
	same := Address{Name: "Bob", Street: "ul żółwia 3/m.4", Code: "90001", City: "LODZ", Country: "PL"}
	if postKey(home) != postKey(same) {
		t.Error("one letterbox is two")
	}
	same.Street = "Ul. Zolwia 3 m. 5"
	if postKey(home) == postKey(same) {
		t.Error("two letterboxes are one")
	}
	decomposed := home
	decomposed.Street = "Ul. Z\u0307o\u0301łwia 3 m. 4"
	if postKey(home) != postKey(decomposed) {
		t.Error("the same letters in another normal form are another letterbox")
	}
}

func TestOrderIDs(t *testing.T) {
	seen := map[OrderID]bool{}
	for range 1000 {
		id := newOrderID()
		if len(id) != 14 || id[4] != '-' || id[9] != '-' || seen[id] {
			t.Fatalf("order id %q", id)
		}
		seen[id] = true
	}
}
