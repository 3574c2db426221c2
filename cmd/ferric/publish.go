package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"ferric/internal/publish"
	"ferric/pressing"
)

type publishCmd struct {
	Dir     string `arg:"" help:"Folder that ferric press made." type:"path"`
	To      string `help:"Address of the shop: https://tapes.example. http:// only on this machine, since the token would be read on the way." required:"" env:"FERRIC_SHOP" placeholder:"URL"`
	Token   string `help:"Token of the label, from its desk. Better given in the environment, where other programs do not see it." required:"" env:"FERRIC_TOKEN" placeholder:"T"`
	Label   string `help:"The label, as its address on the shop has it. Default: that of the token." placeholder:"NAME"`
	Repress bool   `help:"A further run of a release that is public already."`
	JSON    bool   `name:"json" help:"Answer as JSON."`
}

func (c *publishCmd) Help() string {
	return "Checks the pressing here, and sends the shop what it needs to show and sell it: release.json, the two programmes, the cover and the drawings " +
		"of the card. Claim codes are never sent. The shop checks everything again before it keeps anything; the release is a draft that only its label sees, " +
		"until the label puts it on sale there.\n\n" +
		"What is interrupted goes on where it was when the command is given again, for three days. Publishing the same pressing twice changes nothing. " +
		"Exit code 3 when the pressing is not whole, 4 when the shop refuses it."
}

// errShop is a refusal of the shop that trying again will not change.
var errShop = errors.New("the shop refused")

func (c *publishCmd) Run(ctx context.Context, t *terminal) error {
	to, err := shopAddress(c.To)
	if err != nil {
		return err
	}
	bar := t.progress()
	defer bar.close()
	found, err := pressing.Check(ctx, c.Dir, func(done float64) { bar.set("checking", done) })
	if err != nil {
		return err
	}
	if n := len(found.Faults); n > 0 {
		return fmt.Errorf("%s: %w: %s %s; run ferric check for all of it. Nothing was sent", c.Dir, pressing.ErrNotWhole, found.Faults[0].File, found.Faults[0].Text)
	}
	manifest, err := os.ReadFile(filepath.Join(c.Dir, pressing.ManifestName))
	if err != nil {
		return err
	}
	p := &publisher{shop: to, token: c.Token, dir: c.Dir, wait: time.Second, client: &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: 20 * time.Minute, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // a token goes nowhere else
	}}
	var mu sync.Mutex // a request's body is read beside us
	p.progress = func(step string, done float64) {
		mu.Lock()
		defer mu.Unlock()
		bar.set(step, done)
	}
	result, err := p.publish(ctx, c.Label, manifest, c.Repress)
	if err != nil {
		return err
	}
	bar.close()
	return c.answer(t, to, result)
}

func (c *publishCmd) answer(t *terminal, to *url.URL, r publish.Result) error {
	desk := to.JoinPath("desk", r.Label).String()
	if c.JSON {
		enc := json.NewEncoder(t.out)
		enc.SetIndent("", "  ")
		return enc.Encode(struct {
			publish.Result
			Desk string `json:"desk"`
		}{r, desk})
	}
	t.say("%s", t.bold(r.Artist+" - "+r.Title))
	switch {
	case !r.Changed:
		t.say("The shop has this pressing already; nothing was changed.")
	case r.Repress:
		t.say("%s: the pressing is there as the draft of a further run.", t.good("Published"))
	case r.Made:
		t.say("%s as a draft that only the label sees.", t.good("Published"))
	default:
		t.say("%s: it takes the place of the draft that was there.", t.good("Published"))
	}
	t.say("Put it on sale at %s", desk)
	return nil
}

// shopAddress reads a shop's address. A token in the clear may only travel within this machine.
func shopAddress(typed string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(typed, "/"))
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("%w: --to: %q is not an address such as https://tapes.example", errUsage, typed)
	}
	if u.Scheme == "http" {
		ip, err := netip.ParseAddr(u.Hostname())
		if u.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
			return nil, fmt.Errorf("%w: --to: %s must begin with https://, or the token could be read on the way", errUsage, typed)
		}
	}
	return u, nil
}

// publisher speaks the protocol of docs/formats/publish.md.
type publisher struct {
	shop     *url.URL
	token    string
	dir      string
	client   *http.Client
	wait     time.Duration // before the second try; it doubles
	progress func(step string, done float64)
}

// onePart is how many bytes go with one request, and mostTries how often one that fails in vain is made.
const (
	onePart   = 16 << 20
	mostTries = 8
	mostWait  = 30 * time.Second
)

func (p *publisher) publish(ctx context.Context, label string, manifest []byte, repress bool) (publish.Result, error) {
	if label == "" {
		label = "-"
	}
	begin := "/api/labels/" + url.PathEscape(label) + "/pressings"
	if repress {
		begin += "?repress=1"
	}
	var s publish.Session
	if err := p.say(ctx, http.MethodPost, begin, manifest, &s); err != nil {
		return publish.Result{}, err
	}
	if s.Done != nil {
		return *s.Done, nil
	}
	var sent, total int64
	for _, f := range s.Files {
		total += f.Size
		sent += f.Have
	}
	for _, f := range s.Files {
		start := sent - f.Have
		err := p.send(ctx, s.ID, f, func(have int64) { p.progress("sending "+f.Name, float64(start+have)/float64(total)) })
		if err != nil {
			return publish.Result{}, err
		}
		sent = start + f.Size
	}
	p.progress("the shop is reading", 1)
	var result publish.Result
	err := p.say(ctx, http.MethodPost, "/api/uploads/"+s.ID+"/done", nil, &result)
	if err == nil {
		return result, nil
	}
	// The answer may be lost after the work was done. Asking from the start tells.
	if again := p.say(ctx, http.MethodPost, begin, manifest, &s); again == nil && s.Done != nil {
		s.Done.Changed = true
		return *s.Done, nil
	}
	return publish.Result{}, err
}

// send sends what is not there yet of a file. After each failure the shop is asked where to go on.
func (p *publisher) send(ctx context.Context, session string, f publish.Wanted, progress func(have int64)) error {
	if f.Have == f.Size {
		return nil
	}
	if !filepath.IsLocal(filepath.FromSlash(f.Name)) {
		return fmt.Errorf("%w: it asks for %q, which is not in the pressing", errShop, f.Name)
	}
	root, err := os.OpenRoot(p.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	file, err := root.Open(filepath.FromSlash(f.Name))
	if err != nil {
		return err
	}
	defer file.Close()
	path := "/api/uploads/" + session + "/" + f.SHA256
	for have, try := f.Have, 1; have < f.Size; {
		n := min(onePart, f.Size-have)
		from := have
		body := &counted{io.NewSectionReader(file, from, n), func(read int64) { progress(from + read) }, 0}
		var answer struct {
			Have int64 `json:"have"`
		}
		err := p.once(ctx, http.MethodPut, path+"?offset="+strconv.FormatInt(have, 10), body, n, &answer)
		var moved *refusal
		switch {
		case err == nil, errors.As(err, &moved) && moved.status == http.StatusConflict && moved.Have != nil:
			if err != nil {
				answer.Have = *moved.Have
			}
			if answer.Have < 0 || answer.Have > f.Size || err == nil && answer.Have <= have {
				return fmt.Errorf("%w: it says that it has %d bytes of %s", errShop, answer.Have, f.Name)
			}
			if answer.Have > have {
				try = 1
			} else if try++; try > mostTries {
				return err
			}
			have = answer.Have
		case final(err):
			return err
		default:
			if try++; try > mostTries {
				return fmt.Errorf("%s: %w; what came was kept, give the command again to go on", f.Name, err)
			}
			if err := p.pause(ctx, try-1, err); err != nil {
				return err
			}
			var s publish.Session
			if err := p.once(ctx, http.MethodGet, "/api/uploads/"+session, nil, 0, &s); err == nil {
				for _, w := range s.Files {
					if w.SHA256 == f.SHA256 && w.Have > have && w.Have <= f.Size {
						have, try = w.Have, 1
					}
				}
			} else if final(err) {
				return err
			}
		}
	}
	progress(f.Size)
	return nil
}

// say makes a request, again while that may help.
func (p *publisher) say(ctx context.Context, method, path string, body []byte, answer any) error {
	for try := 1; ; try++ {
		err := p.once(ctx, method, path, bytes.NewReader(body), int64(len(body)), answer)
		if err == nil || final(err) || try == mostTries {
			return err
		}
		if err := p.pause(ctx, try, err); err != nil {
			return err
		}
	}
}

// refusal is the shop's answer when it is not what was asked for.
type refusal struct {
	status int
	after  time.Duration // to wait, where the shop says so
	Text   string        `json:"error"`
	Kind   string        `json:"kind"`
	Have   *int64        `json:"have"`
}

func (r *refusal) Error() string {
	if r.Text == "" {
		return fmt.Sprintf("the shop answered %d %s", r.status, http.StatusText(r.status))
	}
	return "the shop says: " + r.Text
}

// final reports an error that trying again does not change.
func final(err error) bool { return errors.Is(err, errShop) || errors.Is(err, context.Canceled) }

// Unwrap makes a refusal final unless the shop is only busy, or broken for the moment.
func (r *refusal) Unwrap() error {
	if r.status >= 500 || r.status == http.StatusTooManyRequests || r.status == http.StatusRequestTimeout || r.Have != nil {
		return nil
	}
	return errShop
}

// once makes one request.
func (p *publisher) once(ctx context.Context, method, path string, body io.Reader, size int64, answer any) error {
	r, err := http.NewRequestWithContext(ctx, method, p.shop.String()+path, body)
	if err != nil {
		return fmt.Errorf("%w: %w", errShop, err)
	}
	r.ContentLength = size
	if size == 0 {
		r.Body = http.NoBody
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	r.Header.Set("User-Agent", "ferric/"+version)
	response, err := p.client.Do(r)
	if err != nil {
		var lookup *net.DNSError
		if errors.As(err, &lookup) && lookup.IsNotFound {
			return fmt.Errorf("%w: there is no such address: %s", errShop, p.shop.Host)
		}
		return plainly(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 8<<20))
	if err != nil {
		return plainly(err)
	}
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusCreated {
		f := &refusal{status: response.StatusCode}
		json.Unmarshal(text, f) // a page of some proxy is none, and says nothing
		if s, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && s > 0 {
			f.after = min(time.Duration(s)*time.Second, mostWait)
		}
		return f
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%w: %s is no Ferric shop, or of another version", errShop, p.shop.Host)
	}
	return nil
}

// plainly drops the address from an error of the client: it is long and known.
func plainly(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// pause waits before the next try.
func (p *publisher) pause(ctx context.Context, try int, why error) error {
	wait := min(p.wait<<(try-1), mostWait)
	var f *refusal
	if errors.As(why, &f) && f.after > wait {
		wait = f.after
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

// counted tells how much was read.
type counted struct {
	io.Reader
	tell func(int64)
	n    int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	c.tell(c.n)
	return n, err
}
