# make run: a shop on the demo album. make test: everything that needs only Go.
GO ?= go
export CGO_ENABLED = 0
# Property tests draw the same cases every time; RAPID_SEED=0 make test draws others.
export RAPID_SEED ?= 20261122
BIN = bin/ferric
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)

.PHONY: run test build deck check race fuzz bench bench-peers load kill clean pictures

# A shop on the demo album, open at this address. The first time takes a minute; out/ keeps all of it, and removing out/ begins anew.
LISTEN ?= localhost:8080
run: build
	@test -f out/demo-album/release.toml || $(BIN) demo-album out/demo-album
	@test -f out/demo-pressing/release.json || $(BIN) press out/demo-album -o out/demo-pressing --run 50 --proofs 3 --claim-url http://$(LISTEN)/claim --preview
	@test -f out/demo-single/release.toml || $(BIN) demo-album out/demo-single --single
	@test -f out/demo-single-pressing/release.json || $(BIN) press out/demo-single -o out/demo-single-pressing --run 25 --claim-url http://$(LISTEN)/claim
	@$(BIN) demo-shop out/demo-pressing out/demo-single-pressing --data out/demo-shop --listen $(LISTEN)
	@exec $(BIN) serve --data out/demo-shop --listen $(LISTEN) --name "Ferric demo"

build: deck
	$(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o $(BIN) ./cmd/ferric

test: deck
	$(GO) test ./...

# The deck for the browser, which the program carries when it is there.
DECK = internal/web/static/deck/deck.wasm
deck:
	@GOOS=wasip1 GOARCH=wasm $(GO) build -buildmode=c-shared -trimpath -ldflags '-s -w' -o $(DECK) ./deck/wasm
	@gzip -9nc $(DECK) > $(DECK).gz.new && rm $(DECK)
	@if cmp -s $(DECK).gz.new $(DECK).gz; then rm $(DECK).gz.new; else mv $(DECK).gz.new $(DECK).gz; fi

# The deeper checks: what .ci/run calls after make test. They need a C compiler for the race detector,
# and other programs to compare with.
check: fmt vet staticcheck race fuzz kill faults

.PHONY: fmt vet staticcheck
fmt:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'run gofmt on these'; exit 1; }
vet:
	$(GO) vet ./...
staticcheck:
	$(GO) tool -modfile=tools/go.mod staticcheck ./...

# The packages that start goroutines or share what they hold; -short, as sound is ten times slower under the detector.
RACE = ./album ./album/demo ./audio/codec ./audio/flac ./master ./pressing ./sheet ./trade ./cmd/ferric
# Of the pages and of SQLite, which is slow under the detector, those tests in which many act at once.
RACE_SHOP = ./internal/blob ./internal/listen ./internal/mail ./internal/people ./internal/publish ./internal/registry ./internal/shop
RACE_WEB = TestBuy$$|TestTwoWantOne|TestSentTwice|TestLive|TestDropOverHTTP|TestStuffing$$|TestCached|TestHead|TestBrokenDisk|TestReaders|TestDeckAsks
RACE_STORE = TestGroup|TestQueue|TestFirstCome|TestSystemRefuses|TestStore/(R3|HandOnRace|LedgerRace|AddRace|C3)
race:
	CGO_ENABLED=1 $(GO) test -race -short $(RACE) $(RACE_SHOP)
	CGO_ENABLED=1 $(GO) test -race -short -run '$(RACE_WEB)' ./internal/web
	CGO_ENABLED=1 $(GO) test -race -short -run '$(RACE_STORE)' ./internal/store/sqlite

# The power cut, bits turned over and processes killed as often as docs/faults.md asks of a release.
.PHONY: faults
faults:
	FAULTS=long $(GO) test -count=1 -run 'TestKill|TestPowerLoss|TestLogBitFlips' ./internal/store/sqlite

FUZZTIME ?= 5s
fuzz:
	@set -e; log=$$(mktemp); for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
	    echo "fuzz $$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzzminimizetime 10x -fuzztime $(FUZZTIME) $$p >$$log 2>&1 || { cat $$log; exit 1; }; \
	  done; done

bench:
	$(GO) test -run '^$$' -bench . -benchtime 2x -timeout 30m ./...

clean:
	rm -rf bin out

# A crowd before a shop in a process of its own: rates, waits, processor time and memory, and that nothing was sold twice.
# DATABASE=postgres://... of an empty database for PostgreSQL.
load: build
	$(GO) run ./internal/load -ferric $(BIN) $(if $(DATABASE),-database '$(DATABASE)')

# Kills the server so often while buyers order, and looks for every order that was acknowledged.
KILLS ?= 200
kill: build
	$(GO) run ./internal/load -ferric $(BIN) -kills $(KILLS) $(if $(DATABASE),-database '$(DATABASE)')

# Beside ffmpeg, sox and flac on the same files in the same run; prints a table for docs/performance.md.
bench-peers:
	tools/bench-peers.sh
