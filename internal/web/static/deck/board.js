// The bend board: wires and knobs become a patch of docs/formats/bend.md, which the compiled deck reads and checks.

const shelf = 'ferric-bends'; // in this browser: name to patch

export class Board {
  // bend is a patch to begin with; turn is told of every change, with a patch or null.
  constructor(root, { bend, turn }) {
    this.root = root;
    this.turn = turn;
    this.from = '';
    const one = (s) => root.querySelector(s);
    Object.assign(this, { name: one('[data-bend-name]'), notes: one('[data-bend-notes]'), after: one('[data-bend-from]'), open: one('[data-bend-open]'), forget: one('[data-bend-forget]'), says: one('[data-bend-says]') });
    this.modules = [...root.querySelectorAll('[data-module]')].map((el) => new Module(el, () => this.changed()));
    one('[data-bend-save]').addEventListener('click', () => this.save());
    one('[data-bend-link]').addEventListener('click', () => this.link());
    one('[data-bend-reset]').addEventListener('click', () => { this.show(null); this.say('All wires are off.'); });
    this.open.addEventListener('change', () => { const p = this.saved()[this.open.value]; this.forget.hidden = !p; if (p) this.show(p); });
    this.forget.addEventListener('click', () => this.drop());
    this.list();
    if (bend) this.show(bend);
    this.read();
    addEventListener('hashchange', () => this.read());
  }

  // patch is what the wires make, null when none is plugged in.
  patch() {
    const on = this.modules.filter((m) => m.on);
    if (!on.length) return null;
    const p = { bend: 1 };
    if (this.name.value.trim()) p.name = this.name.value.trim();
    if (this.notes.value.trim()) p.notes = this.notes.value.trim();
    if (this.from && this.from !== p.name) p.from = this.from;
    for (const m of on) Object.assign((p[m.part] ??= {}), m.values());
    return p;
  }

  changed() {
    // What is changed of somebody's bend is a remix, and says after whom.
    if (this.opened && this.opened === this.name.value.trim()) {
      this.from = this.opened;
      this.opened = '';
      this.name.value = '';
      this.shown();
    }
    if (this.waits) return;
    this.waits = requestAnimationFrame(() => { this.waits = 0; this.turn(this.patch()); });
  }

  show(p) {
    this.name.value = this.opened = p?.name ?? '';
    this.notes.value = p?.notes ?? '';
    this.from = p?.from ?? '';
    for (const m of this.modules) m.set(p?.[m.part]);
    this.shown();
    this.turn(this.patch());
    if (p) this.root.open = true;
  }

  shown() {
    this.after.hidden = !this.from;
    this.after.textContent = this.from ? 'After ' + this.from : '';
  }

  saved() {
    try { return JSON.parse(localStorage.getItem(shelf)) ?? {}; } catch { return {}; }
  }

  keep(all) {
    try { localStorage.setItem(shelf, JSON.stringify(all)); return true; } catch { this.say('This browser keeps nothing for this page. Copy the bend as a link instead.'); return false; }
  }

  save() {
    const p = this.patch();
    if (!p) { this.say('There is no wire to save.'); return; }
    if (!p.name) { this.say('Give it a name first.'); this.name.focus(); return; }
    if (this.keep({ ...this.saved(), [p.name]: p })) { this.opened = p.name; this.list(p.name); this.say(`Saved in this browser as ${p.name}.`); }
  }

  drop() {
    const { [this.open.value]: gone, ...rest } = this.saved();
    if (this.keep(rest)) { this.list(); this.say('Forgotten. The wires stay as they are.'); }
  }

  list(name = '') {
    const names = Object.keys(this.saved()).sort((a, b) => a.localeCompare(b));
    this.open.replaceChildren(new Option(names.length ? 'Saved in this browser' : 'Nothing saved yet', ''), ...names.map((n) => new Option(n, n, false, n === name)));
    this.forget.hidden = !this.open.value;
  }

  async link() {
    const p = this.patch();
    if (!p) { this.say('There is no wire to share.'); return; }
    const address = new URL(location.href);
    address.hash = 'bend=' + toLink(p);
    try {
      await navigator.clipboard.writeText(address.href);
      this.say('The link is copied. Whoever opens it has the same wires, on this tape.');
    } catch {
      history.replaceState(null, '', address);
      this.say('The link stands in the address bar now.');
    }
  }

  // read takes a bend from the address.
  read() {
    const m = /^#bend=([\w-]+)$/.exec(location.hash);
    if (!m) return;
    try {
      const p = fromLink(m[1]);
      if (p.bend !== 1) throw new Error();
      this.show(p);
      this.say(p.name ? `${p.name} is on the machine. Change it, and it is your remix.` : 'The bend of the link is on the machine.');
    } catch {
      this.say('The link holds no bend that this deck can read.');
    }
  }

  say(text) { this.says.textContent = text; }
}

// Module is a wire and its knobs. Its field turns it on; it is off at 0.
class Module {
  constructor(el, changed) {
    this.el = el;
    [this.part, this.field] = el.dataset.module.split('.');
    this.wire = el.querySelector('[role=switch]');
    this.knobs = [...el.querySelectorAll('[data-knob]')].map((i) => (i.type === 'range' ? new Knob(i) : new Notes(i)));
    this.wire.addEventListener('change', () => { this.shown(); changed(); });
    for (const k of this.knobs) k.input.addEventListener('input', () => { k.moved(); if (!this.on) { this.wire.checked = true; this.shown(); } changed(); });
    this.shown();
  }

  get on() { return this.wire.checked; }
  shown() { this.el.classList.toggle('on', this.on); }
  values() { return this.knobs.length ? Object.fromEntries(this.knobs.map((k) => [k.field, k.value])) : { [this.field]: true }; }

  set(part) {
    const v = part?.[this.field];
    this.wire.checked = Array.isArray(v) ? v.length > 0 : !!v;
    for (const k of this.knobs) k.value = this.on ? part[k.field] ?? k.at : k.at;
    this.shown();
  }
}

// Knob is a slider drawn as a knob too. Its way is bent so that small values have room.
class Knob {
  constructor(input) {
    this.input = input;
    const d = input.dataset;
    Object.assign(this, { field: d.knob, lo: +d.lo, hi: +d.hi, at: +d.at, curve: +d.curve, unit: d.unit });
    this.hand = input.parentElement.querySelector('[data-hand]');
    this.out = input.parentElement.querySelector('output');
    this.value = this.at;
  }

  get value() { return this.exact; }

  set value(v) {
    this.exact = v || 0; // as it was given, until the knob is touched
    this.input.value = Math.round(1000 * (Math.min(Math.max(v || 0, this.lo), this.hi) / this.hi) ** (1 / this.curve));
    this.shown();
  }

  moved() {
    this.exact = +(this.lo + (this.hi - this.lo) * (this.input.value / 1000) ** this.curve).toPrecision(3);
    this.shown();
  }

  shown() {
    const text = +this.value.toPrecision(3) + (this.unit ? ' ' + this.unit : '');
    this.out.textContent = text;
    this.input.setAttribute('aria-valuetext', text);
    this.hand.setAttribute('transform', `rotate(${-135 + 0.27 * this.input.value})`);
  }
}

// Notes are the preset keys, semitones in a line of text.
class Notes {
  constructor(input) { this.input = input; this.field = input.dataset.knob; this.at = this.value; }
  get value() { return this.input.value.split(/[\s,]+/).filter(Boolean).map(Number).filter(Number.isFinite).slice(0, 16); }
  set value(v) { this.input.value = (v ?? this.at).join(' '); }
  moved() {}
}

const toLink = (p) => btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(p)))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const fromLink = (s) => JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(s.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))));
