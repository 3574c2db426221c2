#!/usr/bin/env bash
# Times Ferric beside ffmpeg, sox and flac on the same files in the same run, and prints a table: whole processes, CPU
# seconds as wait4 counts them, and how many seconds of sound go through in one CPU second. Needs ffmpeg, sox, flac, time.
#   tools/bench-peers.sh [WORKDIR]
set -euo pipefail
cd "$(dirname "$0")/.."
for p in ffmpeg sox flac /usr/bin/time; do command -v "$p" >/dev/null || { echo "needs $p"; exit 1; }; done
work=${1:-$(mktemp -d)}
mkdir -p "$work"
export CGO_ENABLED=0
go build -o "$work/ferric" ./cmd/ferric
go build -o "$work/peers" ./internal/peers
cd "$work"
# An hour of the demo album at 24 bits and 44.1 kHz, as two sides of half an hour; ten minutes at 96 kHz.
[ -d demo ] || ./ferric demo-album demo >/dev/null
if [ ! -f hour.wav ]; then
  for f in demo/*.flac; do echo "file '$PWD/$f'"; done >list
  ffmpeg -v error -y -f concat -safe 0 -stream_loop 1 -i list -t 3600 -c:a pcm_s24le hour.wav
  mkdir -p album
  ffmpeg -v error -y -i hour.wav -t 1800 -c copy album/1.wav
  ffmpeg -v error -y -ss 1800 -i hour.wav -c copy album/2.wav
  ffmpeg -v error -y -i hour.wav -t 600 -c copy ten.wav
  sox ten.wav -b 24 ten96.wav rate -v 96000
fi
echo "| job | program | wall s | CPU s | x real time a CPU second | memory MiB | note |"
echo "|---|---|---|---|---|---|---|"
row() { # job, program, seconds of sound, note, command...
  local job=$1 prog=$2 len=$3 note=$4; shift 4
  /usr/bin/time -o t -f '%e %U %S %M' "$@" >out 2>err || { echo "$prog failed: $(tail -n1 err)"; exit 1; }
  [ "$note" = meter ] && note=$(grep -aoE '(I:|Peak:) +-?[0-9.]+ [A-Za-z]+' err | tail -n 2 | tr -s ' ' | paste -sd ' ')
  awk -v job="$job" -v prog="$prog" -v len="$len" -v note="$note" \
    '{c=$2+$3; printf "| %s | %s | %.1f | %.1f | %.0f | %.0f | %s |\n", job, prog, $1, c, len/c, $4/1024, note}' t
}
meter() { ffmpeg -hide_banner -nostats -i "$1" -af ebur128=peak=true:framelog=verbose -f null - 2>&1 | grep -E ' I:| Peak:' | tail -n 2 | tr -s ' ' | paste -sd ' '; }

rm -rf pressed
row 'render an hour' 'ferric press, with papers and report' 3600 '' ./ferric press album -o pressed --json
ffmpeg -v error -y -i pressed/side-a.wav -i pressed/side-b.wav -filter_complex '[0][1]concat=n=2:v=0:a=1' -c:a pcm_s24le both.wav
echo "| | landed, by ffmpeg's meter | | | | | $(meter both.wav) |"
gain=$(ffmpeg -hide_banner -nostats -i hour.wav -af ebur128=framelog=verbose -f null - 2>&1 | awk '/ I:/{i=$2} END{print -14-i}')
row 'render an hour' 'ffmpeg gain + 4x alimiter (its scan is the next row)' 3600 '' ffmpeg -v error -y -i hour.wav -af "volume=${gain}dB,aresample=176400:resampler=soxr,alimiter=limit=0.891:level=disabled:attack=5:release=50,aresample=44100:resampler=soxr:precision=28" -c:a pcm_s24le lim.wav
echo "| | landed | | | | | $(meter lim.wav) |"
row 'scan' 'ffmpeg ebur128, true peak' 3600 meter ffmpeg -hide_banner -nostats -i hour.wav -af ebur128=peak=true:framelog=verbose -f null -
row 'scan' 'ferric' 3600 '' ./peers scan hour.wav
row 'FLAC encode' 'flac -5' 3600 '' flac -s -f -5 hour.wav -o peer.flac
row 'FLAC encode' 'ferric' 3600 '' ./peers encode hour.wav ours.flac
echo "| | sizes | | | | | flac $(stat -c %s peer.flac), ferric $(stat -c %s ours.flac) bytes |"
flac -s -t ours.flac
row 'FLAC decode' 'flac -d' 3600 '' flac -s -f -d peer.flac -o back.wav
row 'FLAC decode' 'ffmpeg' 3600 '' ffmpeg -v error -i peer.flac -f null -
row 'FLAC decode' 'ferric' 3600 '' ./peers decode peer.flac
row '96 to 44.1 kHz' 'sox rate -v' 600 '' sox ten96.wav -b 24 r1.wav rate -v 44100
row '96 to 44.1 kHz' 'ffmpeg soxr 28 bit' 600 '' ffmpeg -v error -y -i ten96.wav -af aresample=resampler=soxr:precision=28:osr=44100 -c:a pcm_s24le r2.wav
row '96 to 44.1 kHz' 'ferric' 600 '' ./peers resample ten96.wav 44100 r3.wav
for c in 'libmp3lame mp3' 'libvorbis ogg' 'libopus opus'; do
  set -- $c
  ffmpeg -v error -y -i ten.wav -c:a "$1" -b:a 192k "lossy.$2"
  row "$2 decode" ffmpeg 600 '' ffmpeg -v error -i "lossy.$2" -f null -
  row "$2 decode" ferric 600 '' ./peers decode "lossy.$2"
done
