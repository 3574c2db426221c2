// The deck's page: it shows what the engine plays and presses its keys. What sounds, and what a key may do,
// is decided in the compiled deck; here it is only drawn and said.
import { Engine, Keys, fetchDeck } from './engine.js';
import { Board } from './board.js';

const setup = JSON.parse(document.getElementById('deck-setup').textContent);
const root = document.querySelector('[data-deck]');
const one = (s, from = root) => from.querySelector(s);
const all = (s, from = root) => [...from.querySelectorAll(s)];
const still = matchMedia('(prefers-reduced-motion: reduce)');

const ui = {
  bay: one('[data-bay]'), tapes: all('.tape'), run: one('[data-run]'), heads: one('[data-heads]'), drums: all('[data-drums] b'),
  count: one('[data-count]'), levels: all('[data-level]'), says: one('[data-says]'), trouble: one('[data-trouble]'),
  again: one('[data-again]'), machine: one('[data-machine]'),
};
const tapes = ui.tapes.map((t) => Object.fromEntries(['supply', 'takeup'].map((n) => [n, { hub: one('.hub.' + n, t), packs: all('.pack.' + n, t) }])));
const keys = Object.fromEntries(all('[data-key]').map((b) => [b.dataset.key, b]));

let engine, starting;
let state = null, shownAt = 0; // the last reading, and when it came

// power puts the tape in at the first touch: before one, a browser plays nothing.
function power() {
  if (engine && !starting) return Promise.resolve(engine);
  starting ??= (async () => {
    say('Putting the tape in.');
    const e = new Engine({ base: setup.base, want: setup.want, machine: ui.machine.value, as: setup.as, on: { state: show, pressed, context, trouble, gone, plays() {}, bent: (wrong) => wrong && board.say(wrong), error: broken } });
    await e.start(board.patch());
    engine = e;
    return e;
  })().finally(() => { starting = undefined; });
  return starting;
}

async function press(key) {
  stood = performance.now();
  try {
    (await power()).press(key);
  } catch (e) {
    broken(e.message);
  }
}

// What the keys do. Held down while the tape plays, the winding keys are cue and review; let go, it plays on.
const holdFor = 250; // ms
let held;
function down(name) {
  const winds = { rewind: ['rewind', 'review'], forward: ['forward', 'cue'] }[name];
  if (winds && state?.key === Keys.play) {
    held ??= { name, timer: setTimeout(() => { if (held) { held.cue = true; press(Keys[winds[1]]); } }, holdFor) };
    return;
  }
  switch (name) {
    case 'record': say('The tabs of this tape are out: nothing can be recorded over it.'); return;
    case 'eject': if (state?.key === Keys.eject) { press(Keys.stop); return; } break;
    case 'play': if (state?.key === Keys.pause) { press(Keys.pause); return; } break;
  }
  press(Keys[name]);
}

function up(name) {
  if (held?.name !== name) return;
  clearTimeout(held.timer);
  press(held.cue ? Keys.play : Keys[name]);
  held = undefined;
}

for (const [name, button] of Object.entries(keys)) {
  let pointer = false;
  button.addEventListener('pointerdown', (e) => { if (e.button === 0) { pointer = true; button.setPointerCapture(e.pointerId); down(name); } });
  for (const end of ['pointerup', 'pointercancel']) button.addEventListener(end, () => { if (pointer) up(name); });
  button.addEventListener('contextmenu', (e) => e.preventDefault());
  button.addEventListener('click', (e) => { // by keyboard or by a screen reader
    if (!pointer && e.detail === 0) { down(name); up(name); }
    pointer = false;
  });
}

const shortcuts = { p: 'play', s: 'stop', ' ': 'pause', ArrowLeft: 'rewind', ArrowRight: 'forward', e: 'eject', t: 'turn', o: 'record' };
root.addEventListener('keydown', (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.matches('input, select, textarea, summary') || e.key === ' ' && e.target.matches('button')) return;
  if (e.key === '0') { e.preventDefault(); reset(); return; }
  const name = shortcuts[e.key.length === 1 ? e.key.toLowerCase() : e.key];
  if (!name) return;
  e.preventDefault();
  if (!e.repeat) down(name);
});
root.addEventListener('keyup', (e) => { const name = shortcuts[e.key]; if (name) up(name); });
const reset = () => engine && engine.reset();
one('[data-reset]').addEventListener('click', reset);
// The page listens to its keys wherever one clicked in the machine.
root.addEventListener('pointerup', (e) => { if (!e.target.closest('button, input, select, summary, a, label')) root.focus({ preventScroll: true }); });

// What happened, said once, for eyes and for ears.
function say(text) { if (ui.says.textContent !== text) ui.says.textContent = text; }

const side = () => (state?.side_b ? 'B' : 'A');
const counter = () => String(Math.round(state?.counter ?? 0)).padStart(3, '0');
const doing = {
  [Keys.stop]: () => (state.going ? 'Stopping.' : `Stopped at ${counter()}, side ${side()}.`),
  [Keys.play]: () => (state.waiting ? 'The tape waits for its sound.' : state.leader ? `Side ${side()}: the leader runs.` : heard() ? `Playing side ${side()}.` : `Side ${side()} is not here to be heard: only its silence runs.`),
  [Keys.pause]: () => `Paused at ${counter()}.`,
  [Keys.forward]: () => 'Winding forward.',
  [Keys.rewind]: () => 'Rewinding.',
  [Keys.cue]: () => 'Forward, with the head on the tape.',
  [Keys.review]: () => 'Back, with the head on the tape.',
  [Keys.eject]: () => 'The door is open. Close it, or turn the tape over.',
  [Keys.turn]: () => 'Turning the tape over.',
};
const heard = () => setup.heard[state.side_b ? 1 : 0];

function pressed(key, moved) {
  if (moved || !state) return;
  if (key === Keys.eject || key === Keys.turn) say('Stop the tape first.');
  if (key === Keys.pause) say('Pause holds a tape that plays.');
}

const restAfter = 60e3; // ms that a deck stands before its sound is put to sleep
let told = '', stood = 0;
function show(s) {
  state = s;
  shownAt = performance.now();
  const now = [s.key, s.going && s.key === Keys.stop, s.side_b, s.leader, s.waiting].join();
  if (now !== told) {
    told = now;
    say(doing[s.key]());
    const at = (...k) => k.includes(s.key);
    const down = { play: at(Keys.play, Keys.pause, Keys.cue, Keys.review), pause: at(Keys.pause), forward: at(Keys.forward, Keys.cue), rewind: at(Keys.rewind, Keys.review), eject: at(Keys.eject) };
    for (const [name, on] of Object.entries(down)) keys[name].setAttribute('aria-pressed', on);
    ui.bay.classList.toggle('open', at(Keys.eject, Keys.turn));
    for (const t of ui.tapes) t.hidden = t.dataset.side !== side();
    ui.run.classList.toggle('leader', !!s.leader);
    ui.heads.setAttribute('transform', `translate(0 ${at(Keys.play, Keys.pause) && !s.going ? 0.6 : at(Keys.cue, Keys.review) ? 2.6 : 5})`);
    ui.machine.disabled = !at(Keys.stop, Keys.eject);
  }
  if (s.key !== Keys.stop && s.key !== Keys.eject || s.speed !== 0) stood = shownAt;
  else if (shownAt - stood > restAfter) engine?.rest();
  if (still.matches) draw(0);
}

// draw turns what turns. Between two readings reels go on at their rate.
let last = 0;
function draw(ahead) {
  if (!state) return;
  const reels = tapes[state.side_b ? 1 : 0], metres = state.speed * 0.047625 * ahead;
  for (const [name, radius, turns, way] of [['supply', state.supply_mm, state.supply_turns, -1], ['takeup', state.takeup_mm, state.takeup_turns, 1]]) {
    const at = still.matches ? 0 : turns + way * metres / (2 * Math.PI * radius / 1000);
    const x = name === 'supply' ? 28.95 : 71.45;
    reels[name].hub.setAttribute('transform', `rotate(${(-way * at * 360) % 360} ${x} 29.6)`);
    for (const c of reels[name].packs) {
      c.setAttribute('r', radius.toFixed(2));
      c.nextElementSibling.setAttribute('r', (radius - 0.15).toFixed(2));
    }
  }
  const digits = counter();
  ui.drums.forEach((d, i) => { if (d.textContent !== digits[i]) d.textContent = digits[i]; });
  ui.levels.forEach((bar, i) => {
    const db = i ? state.right_db : state.left_db;
    bar.setAttribute('width', (Math.min(Math.max(db, -20), 8) + 20) * 10);
    bar.classList.toggle('hot', db > 0);
  });
}

function frame(now) {
  if (state && !still.matches && (state.speed !== 0 || now - last > 200)) {
    last = now;
    draw(Math.min((performance.now() - shownAt) / 1000, 0.2));
  }
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);
setInterval(() => { if (state) ui.count.textContent = counter(); }, 1000); // for screen readers, not every frame

function context(is) {
  if (is === 'interrupted' || is === 'suspended' && state && state.key === Keys.play) trouble('The sound was interrupted. Press any key of the deck to go on.');
  if (is === 'running') trouble('');
}

function trouble(text) {
  ui.trouble.hidden = !text;
  ui.trouble.textContent = text;
}

function gone(text) { trouble(text); ui.again.hidden = false; }
ui.again.addEventListener('click', async () => {
  try { await engine.again(); ui.again.hidden = true; trouble(''); } catch (e) { trouble(e.message); }
});

function broken(text) { trouble(text); say(''); engine = undefined; }

// Another machine: the tape is taken out of one and put into the other, where it stands.
ui.machine.addEventListener('change', async () => {
  if (!engine) return;
  const before = engine;
  engine = undefined;
  await before.stop();
  power().catch((e) => broken(e.message));
});

const board = new Board(one('[data-board]'), { bend: setup.bend, turn: (patch) => engine?.bend(patch) });

fetchDeck().catch((e) => trouble(e.message));
root.focus({ preventScroll: true });
window.deck = { get state() { return state; }, get engine() { return engine; } };
