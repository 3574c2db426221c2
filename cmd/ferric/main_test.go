package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ferric": main})
}

func TestScripts(t *testing.T) {
	dir, files := "testdata/script", []string(nil)
	if testing.Short() {
		// Under the race detector sound is made ten times slower: the scripts that press anything but this stay in make test.
		dir, files = "", []string{"testdata/script/trade.txtar", "testdata/script/budget.txtar", "testdata/script/init.txtar"}
	}
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		Files:               files,
		RequireExplicitExec: true,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"json":   jsonCmd,
			"damage": damageCmd,
			"mode":   modeCmd,
			"bomb":   bombCmd,
			"ledger": ledgerCmd,
			"copies": func(ts *testscript.TestScript, _ bool, args []string) { // copies FILE DIR N
				data, err := os.ReadFile(ts.MkAbs(args[0]))
				ts.Check(err)
				ts.Check(os.MkdirAll(ts.MkAbs(args[1]), 0o777))
				n, err := strconv.Atoi(args[2])
				ts.Check(err)
				for i := range n {
					ts.Check(os.WriteFile(ts.MkAbs(fmt.Sprintf("%s/%d.flac", args[1], i+1)), data, 0o666))
				}
			},
			"truncate": func(ts *testscript.TestScript, _ bool, args []string) {
				info, err := os.Stat(ts.MkAbs(args[0]))
				ts.Check(err)
				ts.Check(os.Truncate(ts.MkAbs(args[0]), info.Size()/2))
			},
		},
	})
}

// jsonCmd is "json FILE PATH WANT": the value at a dotted path, printed as JSON, is WANT.
func jsonCmd(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE PATH WANT")
	}
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
	for _, key := range strings.Split(args[1], ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			var i int
			if _, err := fmt.Sscan(key, &i); err != nil || i >= len(x) {
				ts.Fatalf("no %s in a list of %d", key, len(x))
			}
			v = x[i]
		default:
			ts.Fatalf("%s: nothing there", args[1])
		}
	}
	got, err := json.Marshal(v)
	ts.Check(err)
	if same := strings.Trim(string(got), `"`) == args[2]; same == neg {
		ts.Fatalf("%s is %s", args[1], got)
	}
}

// damageCmd is "damage FILE": one bit in the middle of it is turned over.
func damageCmd(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	data[len(data)/2] ^= 4
	ts.Check(os.WriteFile(path, data, 0o666))
}

// modeCmd is "mode FILE 0600".
func modeCmd(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[1] {
		ts.Fatalf("%s has mode %s, want %s", args[0], got, args[1])
	}
}

// bombCmd is "bomb FILE": a PNG whose header promises 30,000 by 30,000 pixels.
func bombCmd(ts *testscript.TestScript, _ bool, args []string) {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x75\x30\x00\x00\x75\x30\x08\x06\x00\x00\x00")
	binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(b.Bytes()[12:]))
	b.WriteString("\x00\x00\x00\x00IEND\xaeB`\x82")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o666))
}
