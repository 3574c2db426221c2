// Fetches the segments that are about to pass the head, decodes them by the same Go reader as
// everything else, and puts them into the worklet's slots. It asks the house where the tape stands, at every
// key, every second while it moves and every few minutes while it stands; the house says what may be had there.
import { load } from './wasi.js';

const perSegment = 4;      // pieces

let deck, feed, tape, names;
let sitting = '';
let state;                 // the last reading
let asked = { at: 0 };     // the last question to the house
let asking = false, retry = 0, failures = 0;
const slots = [];          // {side, rough, piece} or null
const held = new Map();    // key of a piece: its slot
const wanted = [];         // segments to fetch, what is at the head first
const under = new Set();   // segments being fetched
const spare = [];          // buffers that came back

const keyOf = (side, rough, index) => `${side}${rough ? 'c' : 's'}${index}`;

onmessage = ({ data }) => {
  if (data.start) start(data.start);
  if (data.sitting) { sitting = data.sitting; asked = { at: 0 }; look(); }
};

function start(s) {
  ({ tape, names, sitting } = s);
  deck = load(s.wasm);
  feed = s.feed;
  for (let i = 0; i < s.slots; i++) slots.push(null);
  feed.onmessage = ({ data }) => {
    if (data.back) spare.push(data.back);
    if (data.state) { state = Object.fromEntries(names.map((n, i) => [n, data.state[i]])); look(); }
  };
}

// motion is what the house calls what the deck does; see internal/listen.
function motion() {
  switch (state.key) {
    case 1: return state.speed < 0 ? 'reverse' : 'play';
    case 3: return 'forward';
    case 4: return 'rewind';
    case 5: return 'cue';
    case 6: return 'review';
  }
  return 'still';
}

// look decides whether it is time to tell the house where the tape is.
function look() {
  if (!state || asking || performance.now() < retry) return;
  const side = state.side_b ? 1 : 0, does = motion(), now = performance.now();
  const away = Math.abs(state.place_s - (asked.place ?? 1e9));
  const moved = does !== asked.does || side !== asked.side;
  const due = away > 0.2 && now - asked.at > (does === 'cue' || does === 'review' || state.waiting ? 500 : 1000);
  if (moved || due || state.waiting && now - asked.at > 1000 || now - asked.at > 240e3) ask(side, does);
}

async function ask(side, does) {
  asking = true;
  asked = { at: performance.now(), side, does, place: state.place_s };
  try {
    const answer = await fetch(tape.base + '/api/deck/near', {
      method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ sitting, side: 'AB'[side], place_s: state.place_s, motion: does, other: does !== 'forward' && does !== 'rewind' }),
    });
    const body = await answer.json();
    if (!answer.ok) { refused(answer.status, body.error); return; }
    went();
    postMessage({ plays: body.plays });
    wanted.length = 0;
    for (const s of body.segments) {
      const seg = { side: s.side === 'B' ? 1 : 0, rough: !!s.cue, index: s.index, url: tape.base + s.url };
      if (!whole(seg)) wanted.push(seg);
    }
    fetchNext();
  } catch (e) {
    lost(e);
  } finally {
    asking = false;
  }
}

// refused: the tape cannot be there yet, the sitting is over, or the house is busy.
function refused(status, text) {
  if (status === 410) { postMessage({ gone: text }); retry = Infinity; return; }
  retry = performance.now() + 1000;
  if (status !== 429 || ++failures > 3) postMessage({ trouble: text });
  asked.at = 0;
  asked.does = '';
}

function lost() {
  retry = performance.now() + Math.min(500 * 2 ** failures++, 8000);
  asked.does = '';
  postMessage({ trouble: 'No connection to the house. The tape waits; it goes on by itself.' });
}

function went() {
  if (failures) postMessage({ trouble: '' });
  failures = retry = 0;
}

const pieces = (seg) => Array.from({ length: perSegment }, (_, i) => seg.index * perSegment + i);
const frames = (seg) => Math.ceil(tape.frames[seg.side] / (seg.rough ? tape.factor : 1));
const whole = (seg) => pieces(seg).every((p) => p * tape.piece >= frames(seg) || held.has(keyOf(seg.side, seg.rough, p)));

// fetchNext keeps two segments on their way.
function fetchNext() {
  while (under.size < 2 && wanted.length) {
    const seg = wanted.shift(), key = keyOf(seg.side, seg.rough, 'g' + seg.index);
    if (under.has(key) || whole(seg)) continue;
    under.add(key);
    take(seg).catch(lost).finally(() => { under.delete(key); fetchNext(); });
  }
}

async function take(seg) {
  const answer = await fetch(seg.url);
  if (answer.status === 410 || answer.status === 404) { asked.does = ''; return; } // its address has ended: ask again
  if (!answer.ok) throw new Error(answer.statusText);
  const { frames: got, left, right } = deck.decode(await answer.arrayBuffer());
  for (const [i, piece] of pieces(seg).entries()) {
    const from = i * tape.piece, n = Math.min(got - from, tape.piece);
    if (n <= 0 || held.has(keyOf(seg.side, seg.rough, piece))) continue;
    const slot = room(seg, piece);
    if (slot < 0) continue;
    const sound = new Float32Array(spare.pop() ?? 2 * tape.piece);
    if (n < tape.piece) sound.fill(0);
    sound.set(left.subarray(from, from + n));
    sound.set(right.subarray(from, from + n), tape.piece);
    slots[slot] = { side: seg.side, rough: seg.rough, piece };
    held.set(keyOf(seg.side, seg.rough, piece), slot);
    feed.postMessage({ slot, side: seg.side, rough: seg.rough, piece, sound }, [sound.buffer]);
  }
}

// room finds a slot: a free one, or that of the piece that is needed least.
function room(seg, piece) {
  let worst = far({ side: seg.side, rough: seg.rough, piece }), at = -1;
  for (let i = 0; i < slots.length; i++) {
    if (!slots[i]) return i;
    const d = far(slots[i]);
    if (d > worst) { worst = d; at = i; }
  }
  if (at >= 0) held.delete(keyOf(slots[at].side, slots[at].rough, slots[at].piece));
  return at;
}

// far is how many seconds from the head a piece lies, weighed by what it is for.
function far({ side, rough, piece }) {
  const up = side === (state.side_b ? 1 : 0);
  const long = tape.piece * (rough ? tape.factor : 1);
  const place = up ? state.place_s : state.side_frames / tape.rate - state.place_s;
  const d = Math.max(0, Math.abs((piece + 0.5) * long / tape.rate - place) - long / tape.rate / 2);
  if (rough) return up ? 30 + d / 4 : d / 4;
  return up ? d : 1000 + d;
}

