package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"ferric/ledger"
)

// trustFlags are what a person knows of a log from elsewhere than the file.
type trustFlags struct {
	Key     string   `help:"The log's key, as the shop shows it (NAME+ID+BASE64), or a file with it. Without it the answer holds for the key that the file brings along." placeholder:"KEY"`
	Seen    string   `help:"What ferric audit --seen wrote: the log as it was last seen." placeholder:"FILE"`
	Witness []string `help:"Key of a witness that must have signed too; may be given more than once." placeholder:"KEY"`
}

// trust reads the flags. A last-seen file that is not there yet is not an error when mayMiss is set.
func (f trustFlags) trust(mayMiss bool) (ledger.Trust, error) {
	t := ledger.Trust{Key: strings.TrimSpace(f.Key), Quorum: len(f.Witness)}
	if t.Key != "" {
		if _, err := ledger.ParseKey(t.Key); err != nil {
			data, fileErr := readLimited(f.Key, 1<<10, nil)
			if fileErr != nil {
				return t, fmt.Errorf("%w: --key: %w", errUsage, err)
			}
			t.Key = strings.TrimSpace(string(data))
			if _, err := ledger.ParseKey(t.Key); err != nil {
				return t, fmt.Errorf("%w: --key %s: %w", errUsage, f.Key, err)
			}
		}
	}
	known := map[string]bool{}
	for _, vkey := range f.Witness {
		w, err := ledger.ParseWitness(vkey)
		if err != nil {
			return t, fmt.Errorf("%w: --witness: %w", errUsage, err)
		}
		if known[vkey] {
			return t, fmt.Errorf("%w: --witness %s is given twice", errUsage, vkey)
		}
		known[vkey] = true
		t.Witnesses = append(t.Witnesses, w)
	}
	if f.Seen == "" {
		return t, nil
	}
	data, err := readLimited(f.Seen, ledger.MaxCertificate, nil)
	if mayMiss && errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	if t.Seen, err = ledger.ParseSeen(data); err != nil {
		return t, fmt.Errorf("%s: %w", f.Seen, err)
	}
	return t, nil
}

// readLimited reads a file, or stdin for "-" where that is given.
func readLimited(name string, most int64, stdin io.Reader) ([]byte, error) {
	r := stdin
	if name != "-" || stdin == nil {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		r = f
	}
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("%w: it has more than %d bytes", ledger.ErrMalformed, most)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

type verifyCmd struct {
	File string `arg:"" help:"Certificate of a copy, or proof of a log's two histories; - reads standard input."`
	trustFlags
	JSON bool `name:"json" help:"Answer as JSON."`
}

func (c *verifyCmd) Help() string {
	return "Checks a certificate with nothing else at hand: no network, no shop. Every signature, every proof, and that " +
		"the copy's history is whole up to its last entry. What came later in the log, no file can say: that is what " +
		"ferric audit is for. Exit code 0 only when it is proven, 3 when it is not, 4 when the file is no certificate " +
		"or damaged.\n\n  ferric verify copy17.tlog-proof --key shop.key"
}

func (c *verifyCmd) Run(stdin io.Reader, t *terminal) error {
	trust, err := c.trust(false)
	if err != nil {
		return err
	}
	data, err := readLimited(c.File, ledger.MaxCertificate, stdin)
	if err != nil {
		return err
	}
	if bytes.HasPrefix(data, []byte("ferric-ledger-fork/")) {
		return c.fork(data, trust, t)
	}
	v, err := ledger.VerifyCertificate(data, trust)
	if err != nil {
		return c.refuse(err, t)
	}
	if c.JSON {
		return writeJSON(t.out, verdictJSON(v))
	}
	c.tell(v, t)
	return nil
}

// refuse says that nothing is proven, in the form that was asked for.
func (c *verifyCmd) refuse(err error, t *terminal) error {
	if c.JSON {
		if err := writeJSON(t.out, map[string]any{"proven": false, "reason": err.Error()}); err != nil {
			return err
		}
	}
	what := "is not proven"
	if errors.Is(err, ledger.ErrMalformed) {
		what = "is no certificate, or it is damaged"
	}
	return fmt.Errorf("%s %s: %w", c.File, what, err)
}

func (c *verifyCmd) tell(v *ledger.Verdict, t *terminal) {
	d := v.Declared
	title := fmt.Sprintf("%s, %s: number %d of %d", d.Catalogue, d.Edition, v.Copy.Number, d.Size)
	if v.Variant != "" {
		title += ", " + v.Variant
	}
	t.say("%s", t.bold(title))
	for _, e := range v.History {
		t.say("  %s %s", t.faint(fmt.Sprintf("entry %7d", e.Index)), ledger.Describe(e.Entry))
	}
	t.say("%s: this is the copy's whole history up to entry %d, in the log %s when it had %d entries.",
		t.good("Proven"), v.History[len(v.History)-1].Index, v.Origin, v.Size)
	switch {
	case v.Opening != nil:
		t.say("The copy is owned, and this file opens the owner's commitment: the owner is whoever holds the key %x.", v.Opening.Key)
	case v.Copy.Status == ledger.Owned:
		t.say("The copy is owned. The file does not say by which key.")
	default:
		t.say("The copy is %s.", v.Copy.Status)
	}
	if v.KeyTrusted {
		t.say("Signed with the key that you know: %s", v.Key)
	} else {
		t.say("%s: the key is the one that the file brings along. Compare it with the one that the shop shows, or name that with --key:", t.care("Note"))
		t.say("  %s", v.Key)
	}
	if len(v.Witnesses) > 0 {
		t.say("Witnessed by %s.", strings.Join(v.Witnesses, ", "))
	}
	switch v.Growth {
	case ledger.Same, ledger.GrewOutOf:
		t.say("It agrees with the log as you last saw it.")
	case ledger.Unproven:
		t.say("%s: the file cannot show how it stands to the log as you last saw it.", t.care("Note"))
	}
}

func verdictJSON(v *ledger.Verdict) map[string]any {
	var history []map[string]any
	for _, e := range v.History {
		history = append(history, map[string]any{"index": e.Index, "kind": e.Entry.Kind(), "text": ledger.Describe(e.Entry)})
	}
	out := map[string]any{
		"proven": true, "origin": v.Origin, "entries": v.Size, "root": v.Root.String(), "key": v.Key, "key_known": v.KeyTrusted,
		"witnesses": v.Witnesses, "catalogue": v.Declared.Catalogue, "edition": v.Declared.Edition, "run": ledger.Hex(v.Run),
		"number": v.Copy.Number, "size": v.Declared.Size, "variant": v.Variant, "status": v.Copy.Status.String(),
		"history": history, "seen": v.Growth.String(),
	}
	if v.Opening != nil {
		out["owner_key"] = fmt.Sprintf("%x", v.Opening.Key)
	}
	return out
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// fork answers for a proof of two histories.
func (c *verifyCmd) fork(data []byte, trust ledger.Trust, t *terminal) error {
	f, err := ledger.ParseFork(data)
	if err != nil {
		return c.refuse(err, t)
	}
	known := trust.Key
	if trust.Seen != nil && known == "" {
		known = trust.Seen.Key
	}
	before, now, err := f.Verify()
	if err == nil && known != "" && known != f.Key {
		err = fmt.Errorf("%w: it names the key %s, and the key known is %s", ledger.ErrSignature, f.Key, known)
	}
	if err != nil {
		return c.refuse(err, t)
	}
	if c.JSON {
		return writeJSON(t.out, map[string]any{"proven": true, "two_histories": true, "origin": now.Origin, "key": f.Key,
			"key_known": known != "", "before": before.Size, "now": now.Size})
	}
	t.say("%s: the log %s has signed two histories. It signed %d entries, and later %d that do not begin with those.",
		t.bad("Proven"), now.Origin, before.Size, now.Size)
	if known == "" {
		t.say("%s: the key is the one that the file brings along. Compare it with the one that the shop shows, or name that with --key:", t.care("Note"))
	}
	t.say("  %s", f.Key)
	return nil
}
