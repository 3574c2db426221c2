// The deck without a face: context, worklet, decoder and the house, behind a few calls. A page gives it what
// happened through the functions in on.

const perSegment = 4;  // pieces
const mostSlots = 208; // of half a second: 88 s in full, and what is rough
const mostBytes = 64 << 20;

export const Keys = { stop: 0, play: 1, pause: 2, forward: 3, rewind: 4, cue: 5, review: 6, eject: 7, turn: 8 };
export const here = (name) => new URL(name, import.meta.url);

const utf8 = new TextEncoder();
const text = new TextDecoder();

// fetchDeck gets the compiled deck, once.
let code;
export function fetchDeck() {
  code ??= fetch(here('deck.wasm')).then((r) => {
    if (!r.ok) throw new Error('The deck is not part of this program: it was built without make. The tape cannot be played here.');
    return r.arrayBuffer();
  });
  code.catch(() => { code = undefined; });
  return code;
}

// ask asks the house about a tape: "side" looks, "sit" puts it in.
export async function ask(base, what, want) {
  const answer = await fetch(`${base}/api/deck/${what}`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'application/json' }, body: JSON.stringify(want),
  });
  const body = await answer.json().catch(() => ({ error: 'The house did not answer.' }));
  if (!answer.ok) throw new Error(body.error);
  return body;
}

// setupOf is what deck/wasm is made of, for a tape that was put in. as, where there is no shop, says what it is played as.
export function setupOf(tape, machine, bend, as = {}) {
  const rate = tape.sides[0].rate || tape.sides[1].rate, piece = tape.segment_s * rate / perSegment;
  const b = tape.side === 'B', plays = Math.max(...tape.sides.map((s) => s.plays));
  return {
    rate, machine, tape: as.tape ?? tape.type, length: tape.length, copy: as.copy ?? tape.sound, plays: as.plays ?? plays, dolby_dbfs: tape.dolby_level_dbfs, side_b: b,
    start_s: Math.max(0, tape.place_s), bend: bend ?? null,
    frames: tape.sides.map((s) => (s.heard ? s.frames : 0)), piece, rough: tape.cue_factor,
    slots: Math.min(mostSlots, Math.floor(mostBytes / (8 * piece))),
  };
}

// Engine plays one tape. Its context may be given (an OfflineAudioContext plays as fast as it can).
export class Engine {
  constructor({ base = '', want, machine = '', as, on = {}, context }) {
    Object.assign(this, { base, want, machine, as, on, context });
    this.state = null;
  }

  // start puts the tape in. It must be called from a key or touch, or the browser keeps silent.
  async start(bend) {
    const bytes = fetchDeck();
    navigator.audioSession && (navigator.audioSession.type = 'playback'); // not muted by an iPhone's ring switch
    this.tape = await ask(this.base, 'sit', this.want);
    const setup = setupOf(this.tape, this.machine, bend, this.as);
    this.context ??= new AudioContext({ sampleRate: setup.rate, latencyHint: 'balanced' });
    if (!this.context.audioWorklet) throw new Error('This browser plays the deck only over https, or on this machine itself.');
    this.context.onstatechange = () => this.on.context?.(this.context.state);
    await this.context.audioWorklet.addModule(here('worklet.js'));
    const wasm = await bytes;
    this.node = new AudioWorkletNode(this.context, 'ferric-deck', {
      numberOfInputs: 0, outputChannelCount: [2], processorOptions: { wasm, setup: utf8.encode(JSON.stringify(setup)) },
    });
    const ready = new Promise((done, failed) => {
      this.node.port.onmessage = ({ data }) => {
        if (data.names) { this.names = data.names; done(); }
        if (data.error) { failed(new Error(data.error)); this.on.error?.(data.error); }
        if (data.state) { this.state = Object.fromEntries(this.names.map((n, i) => [n, data.state[i]])); this.on.state?.(this.state); }
        if (data.pressed !== undefined) this.on.pressed?.(data.pressed, data.moved);
        if (data.bent !== undefined) this.on.bent?.(data.bent && text.decode(data.bent));
      };
      this.node.onprocessorerror = () => { failed(new Error('the deck stopped')); this.on.error?.('The deck stopped. Load the page again.'); };
    });
    this.node.connect(this.context.destination);
    this.resume();
    await ready;
    const { port1, port2 } = new MessageChannel();
    this.node.port.postMessage({ feed: port1 }, [port1]);
    this.decoder = new Worker(here('decoder.js'), { type: 'module' });
    this.decoder.onmessage = ({ data }) => {
      if (data.plays) this.on.plays?.(data.plays);
      if (data.trouble !== undefined) this.on.trouble?.(data.trouble);
      if (data.gone) this.on.gone?.(data.gone);
    };
    this.decoder.onerror = (e) => this.on.error?.(e.message ?? 'The decoder stopped. Load the page again.');
    this.decoder.postMessage({
      start: {
        wasm, feed: port2, names: this.names, slots: setup.slots, sitting: this.tape.sitting,
        tape: { base: this.base, rate: setup.rate, piece: setup.piece, factor: setup.rough, frames: setup.frames },
      },
    }, [port2]);
    return this.tape;
  }

  // resume wakes a context that a browser put to sleep: before the first touch, or after a call (Safari: "interrupted").
  resume() { if (this.context.state !== 'running' && this.context.resume) this.context.resume().catch(() => {}); }

  press(key) { this.resume(); this.node.port.postMessage({ press: key }); }
  reset() { this.node.port.postMessage({ reset: true }); }
  bend(patch) { this.node?.port.postMessage({ bend: patch ? utf8.encode(JSON.stringify(patch)) : null }); }

  // again sits down once more after the house took the tape out.
  async again() {
    this.tape = await ask(this.base, 'sit', this.want);
    this.decoder.postMessage({ sitting: this.tape.sitting });
  }

  // rest puts a deck that stands to sleep; a key wakes it.
  rest() { if (this.context.state === 'running') this.context.suspend(); }

  async stop() {
    this.decoder?.terminate();
    this.node?.disconnect();
    if (this.context?.close && this.context.state !== 'closed') await this.context.close();
  }
}
