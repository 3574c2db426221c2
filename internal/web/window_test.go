package web

import "testing"

// Every page of the window answers, to everybody.
func TestWindowPages(t *testing.T) {
	s := newShop(t)
	for _, path := range []string{"/", "/catalogue", "/catalogue?by=label", "/catalogue?by=name", "/l/specimen", "/a/lantern-weir", "/l/specimen/evening", "/l/specimen/zazolc",
		"/l/specimen/evening/1/17", "/l/specimen/evening/1/101", "/search", "/search?q=zazolc", "/feed.atom", "/feed.rss", "/l/specimen/feed.atom", "/sitemap.xml", "/robots.txt"} {
		for _, who := range []string{"guest", "buyer"} {
			if s.as(who).ok(path) == "" {
				t.Errorf("%s for %s is empty", path, who)
			}
		}
	}
}
