// LZMA2: chunks of LZMA and of plain bytes, each with its size in front. Shared by xz and 7z.
import type { Range } from '../bytes/parser.js';
import type { Feed } from './feed.js';
import type { LzmaDecoder } from './lzma-decoder.js';
import { lzmaProperties, MAX_STORED } from './lzma-decoder.js';
import type { Fault, Output } from './unpacker.js';
import { broken, cutOff } from './unpacker.js';

type Step = Generator<Range | Output, Fault | undefined, Uint8Array>;

/** Bytes of the dictionary by the one byte that says so; undefined where it says nothing. */
export function dictionaryOf(byte: number): number | undefined {
  if (byte > 40) return undefined;
  return byte === 40 ? 0xffffffff : (2 | (byte & 1)) * 2 ** ((byte >> 1) + 11);
}

/** @param seen is shown every piece before it is yielded */
export function* runLzma2(feed: Feed, decoder: LzmaDecoder, seen: (bytes: Uint8Array) => void): Step {
  const state: State = { feed, decoder, dictionary: false, properties: false };
  for (;;) {
    const fault = yield* chunk(state);
    const done = fault !== undefined;
    if (done || decoder.full) {
      const bytes = decoder.fresh();
      if (bytes.length > 0) {
        seen(bytes);
        yield { bytes };
      }
      decoder.next();
    }
    if (done) return fault === 'end' ? undefined : fault;
  }
}

interface State {
  readonly feed: Feed;
  readonly decoder: LzmaDecoder;
  /** A chunk emptied it, as the first one must. */
  dictionary: boolean;
  properties: boolean;
  /** What is left of a chunk that was begun. */
  rest?: { packed: number; readonly end: number; size: number } | undefined;
}

function* chunk(state: State): Generator<Range, Fault | 'end' | undefined, Uint8Array> {
  const { feed, decoder } = state;
  if (state.rest !== undefined) return more(state, state.rest);
  if (!(yield* feed.fill(1))) return cutOff('the LZMA2 data is cut off');
  const control = feed.bytes[feed.pos] ?? 0;
  if (control === 0) {
    feed.pos += 1;
    return 'end';
  }
  if (control > 2 && control < 0x80) return broken('an LZMA2 chunk is of no known kind');
  if (control === 1 || control >= 0xe0) {
    decoder.resetDictionary();
    state.dictionary = true;
  } else if (!state.dictionary) return broken('the first LZMA2 chunk relies on one before it');
  if (control < 0x80) return yield* stored(state);
  const header = yield* feed.take(control >= 0xc0 ? 6 : 5);
  if (header === undefined) return cutOff('the LZMA2 data is cut off');
  const size = ((control & 31) << 16) + ((header[1] ?? 0) << 8) + (header[2] ?? 0) + 1;
  const packed = ((header[3] ?? 0) << 8) + (header[4] ?? 0) + 1;
  if (control >= 0xc0) {
    const properties = lzmaProperties(header[5] ?? 255);
    if (properties === undefined || properties.lc + properties.lp > 4)
      return broken('the properties of an LZMA2 chunk are broken');
    decoder.setProperties(properties);
    state.properties = true;
  }
  if (!state.properties) return broken('an LZMA2 chunk has no properties');
  if (control >= 0xa0) decoder.resetState();
  if (!(yield* feed.fill(packed))) return cutOff('the LZMA2 data is cut off');
  const end = feed.pos + packed;
  const fault = decoder.start(feed);
  return fault ?? more(state, (state.rest = { packed, end, size }));
}

/** The whole chunk is at hand, but its output may not fit into the window at once. */
function more(state: State, rest: NonNullable<State['rest']>): Fault | undefined {
  const { feed, decoder } = state;
  const came = decoder.run(feed, rest.size, rest.end);
  if (typeof came !== 'number') return came;
  rest.size -= came;
  if (rest.size > 0 && decoder.full) return undefined;
  state.rest = undefined;
  if (rest.size > 0 || feed.pos !== rest.end || !decoder.finished)
    return broken('an LZMA2 chunk has another size than it says');
  return undefined;
}

function* stored(state: State): Generator<Range, Fault | undefined, Uint8Array> {
  const header = yield* state.feed.take(3);
  if (header === undefined) return cutOff('the LZMA2 data is cut off');
  const size = Math.min(MAX_STORED, ((header[1] ?? 0) << 8) + (header[2] ?? 0) + 1);
  const bytes = yield* state.feed.take(size);
  if (bytes === undefined) return cutOff('the LZMA2 data is cut off');
  state.decoder.store(bytes);
  return undefined;
}
