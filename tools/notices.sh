#!/bin/sh
# Writes THIRD_PARTY.md: the licence of every module that is linked into ferric, word for word.
set -eu
cd "$(dirname "$0")/.."
{
  echo '# Third-party notices'
  echo
  echo 'Ferric is linked with the modules below. Their licences follow, word for word.'
  echo 'The Go standard library is under the licence of golang.org/x, too. `tools/notices.sh` writes this file.'
  CGO_ENABLED=0 go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/ferric | sort -u |
    while read -r path version dir; do
      printf '\n## %s %s\n' "$path" "$version"
      found=0
      # the last three are of parts of a module: fonts, and a shaper
      for f in "$dir"/LICENSE* "$dir"/LICENCE* "$dir"/COPYING* "$dir"/NOTICE* "$dir"/UNLICENSE* "$dir"/noto/OFL.txt "$dir"/roboto/ttfs/LICENSE "$dir"/harfbuzz/LICENSE; do
        [ -f "$f" ] || continue
        found=1
        printf '\n### %s\n\n```\n' "$(basename "$f")"
        tr -d '\r' <"$f"
        printf '\n```\n'
      done
      [ $found = 1 ] || { echo "no licence file in $path" >&2; exit 1; }
    done
  cat <<'TEXT'

## Numbers of audio/mp3/tables.go

The tables of ISO/IEC 11172-3 and 13818-3, transcribed into another form from go-mp3 v0.3.4
(github.com/hajimehoshi/go-mp3, Copyright Hajime Hoshi), which is under the Apache License, Version 2.0; its text stands
above, with the Roboto fonts.
TEXT
} >THIRD_PARTY.md
