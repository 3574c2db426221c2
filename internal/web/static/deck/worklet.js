// The deck on the audio thread. Sound comes from the decoder in pieces, each into the slot that the decoder chose.
import { load } from './wasi.js';

const every = 16; // blocks from one reading to the next: 43 ms at 48 kHz

class Player extends AudioWorkletProcessor {
  constructor({ processorOptions: { wasm, setup } }) {
    super();
    this.blocks = 0;
    try {
      this.deck = load(wasm);
      const wrong = this.deck.create(setup);
      if (wrong) throw new Error(String.fromCharCode(...wrong));
      this.port.postMessage({ names: this.deck.names });
      this.tell();
    } catch (e) {
      this.deck = null;
      this.port.postMessage({ error: e.message });
    }
    this.port.onmessage = ({ data }) => this.deck && this.hear(data);
  }

  hear({ press, bend, reset, feed }) {
    if (feed) {
      this.feed = feed;
      feed.onmessage = ({ data: { slot, side, rough, piece, sound } }) => {
        this.deck.give(slot, side, rough, piece, sound);
        if (sound) feed.postMessage({ back: sound.buffer }, [sound.buffer]);
      };
    }
    if (press !== undefined) this.port.postMessage({ pressed: press, moved: this.deck.press(press) });
    if (bend !== undefined) this.port.postMessage({ bent: this.deck.bend(bend) });
    if (reset) this.deck.resetCounter();
    this.tell();
  }

  tell() {
    const state = this.deck.reading();
    this.port.postMessage({ state });
    this.feed?.postMessage({ state });
  }

  process(_, [out]) {
    if (!this.deck) return false;
    try {
      this.deck.process(out[0], out[1]);
    } catch (e) {
      this.deck = null;
      this.port.postMessage({ error: e.message });
      return false;
    }
    if (++this.blocks % every === 0) this.tell();
    return true;
  }
}

registerProcessor('ferric-deck', Player);
