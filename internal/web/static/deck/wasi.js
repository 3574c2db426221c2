// The deck, compiled from Go, as an object: used by the worklet and by the decoder.
// It is a program for WASI, of which it needs next to nothing; what it asks for is answered here with as little.

const EBADF = 8, ENOSYS = 52;

// load makes an instance of the compiled deck. It works at once, so that a worklet's constructor may call it.
export function load(bytes) {
  let memory;
  const view = () => new DataView(memory.buffer);
  const none = (count, size) => { view().setUint32(count, 0, true); view().setUint32(size, 0, true); return 0; };
  const answers = {
    args_get: () => 0,
    args_sizes_get: none,
    environ_get: () => 0,
    environ_sizes_get: none,
    clock_time_get: (id, precision, at) => { view().setBigUint64(at, BigInt(Date.now()) * 1000000n, true); return 0; },
    random_get: (at, n) => { // seeds Go's maps; nothing secret is made here
      const b = new Uint8Array(memory.buffer, at, n);
      for (let i = 0; i < n; i++) b[i] = Math.random() * 256;
      return 0;
    },
    fd_write: (fd, list, count, written) => {
      let n = 0, said = '';
      for (let i = 0; i < count; i++) {
        const at = view().getUint32(list + 8 * i, true), len = view().getUint32(list + 8 * i + 4, true);
        for (const c of new Uint8Array(memory.buffer, at, len)) said += String.fromCharCode(c);
        n += len;
      }
      view().setUint32(written, n, true);
      console.error(said.trimEnd());
      return 0;
    },
    fd_prestat_get: () => EBADF,
    sched_yield: () => 0,
    proc_exit: (code) => { throw new Error('the deck stopped: ' + code); },
  };
  const module = new WebAssembly.Module(bytes);
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = answers[name] ?? (() => ENOSYS);
  }
  const go = new WebAssembly.Instance(module, imports).exports;
  memory = go.memory;
  go._initialize();
  return new Deck(go);
}

// Deck is what deck/wasm exports, in the types of JavaScript. Texts are UTF-8 bytes: a worklet has no TextEncoder.
class Deck {
  #go; #names; #left; #right; #state; #buffer;

  constructor(go) {
    this.go = this.#go = go;
    this.#names = ascii(this.#text(go.field_names())).split(' ');
  }

  #put(bytes) {
    if (bytes.length > this.#go.text_room()) throw new Error('too long');
    new Uint8Array(this.#go.memory.buffer, this.#go.text_at(), bytes.length).set(bytes);
    return bytes.length;
  }

  #text(n) { return new Uint8Array(this.#go.memory.buffer, this.#go.text_at(), n).slice(); }

  // create and bend return null, or why not, as bytes.
  create(setup) {
    const wrong = this.#go.create(this.#put(setup));
    return wrong ? this.#text(wrong) : null;
  }

  bend(patch) {
    const wrong = this.#go.bend(patch ? this.#put(patch) : 0);
    return wrong ? this.#text(wrong) : null;
  }

  press(key) { return this.#go.press(key) === 1; }
  resetCounter() { this.#go.reset_counter(); }

  // give puts a piece into a slot; without a sound the slot is emptied.
  give(slot, side, rough, piece, sound) {
    if (sound && sound.length !== this.#go.slot_room()) throw new Error('a piece of another size');
    const at = this.#go.slot_at(slot, sound ? side : -1, rough ? 1 : 0, piece);
    if (at && sound) new Float32Array(this.#go.memory.buffer, at, sound.length).set(sound);
  }

  // process makes as many frames as the two arrays hold.
  process(left, right) {
    const n = left.length;
    this.#go.process(n);
    if (this.#buffer !== this.#go.memory.buffer || this.#left.length !== n) { // memory grew, or the block did
      this.#buffer = this.#go.memory.buffer;
      this.#left = new Float32Array(this.#buffer, this.#go.left_at(), n);
      this.#right = new Float32Array(this.#buffer, this.#go.right_at(), n);
    }
    left.set(this.#left);
    right.set(this.#right);
  }

  // reading is what there is to show, by the names of deck/wasm's fields.
  get names() { return this.#names; }
  reading() {
    const at = this.#go.state();
    if (this.#state?.buffer !== this.#go.memory.buffer) this.#state = new Float64Array(this.#go.memory.buffer, at, this.#names.length);
    return this.#state.slice();
  }

  // decode turns a FLAC segment into {frames, left, right}, which are gone at the next call.
  decode(segment) {
    const at = this.#go.room_at(segment.byteLength);
    if (!at) throw new Error('the segment is too large');
    new Uint8Array(this.#go.memory.buffer, at, segment.byteLength).set(new Uint8Array(segment));
    const frames = this.#go.decode(segment.byteLength);
    if (frames < 0) throw new Error(ascii(this.#text(-frames)));
    const sound = this.#go.sound_at();
    return {
      frames,
      left: new Float32Array(this.#go.memory.buffer, sound, frames),
      right: new Float32Array(this.#go.memory.buffer, sound + 4 * frames, frames),
    };
  }
}

function ascii(bytes) {
  let s = '';
  for (const c of bytes) s += String.fromCharCode(c);
  return s;
}
