// Follows what the constants of a pickle carry: further pickles, compiled Python, programs and archives, also in base64 or
// hexadecimal, one inside the other. A constant does nothing by itself; but a class whose loading is allowed may load it.
import { inflateSync, constants as zlib, gunzipSync } from 'node:zlib';
import type { Content, Encoding, Payload, Source } from '@vallum/formats';
import {
  bytesSource,
  contentOf,
  contentOfText,
  decodePayload,
  parseSource,
  PICKLE_LIMITS,
  readPickles,
  readsAsPython,
  sliceSource,
} from '@vallum/formats';
import { atOrAbove } from '@vallum/core';
import type { Context, Item } from '../context.js';
import { checkTime, find, skip } from '../context.js';
import { PickleJudge } from './judge.js';

/** A constant under examination, and how it was reached from the file. */
interface Constant {
  readonly source: Source;
  readonly content: Content;
  /** Offset of the outermost constant in the item. */
  readonly offset: number;
  /** `base64`, `base64, gzip`: what was taken off. */
  readonly path: readonly string[];
}

const HEAD = 512;
const MIB = 1024 * 1024;
const MAX_STEPS = 1_000_000;
/** Opcodes of all constants of one file. */
const MAX_ALL_STEPS = 8_000_000;
/** What the search behind a pickle may cost, in opcodes. */
const MAX_SEARCH_STEPS = 400_000;
/** Unpacked bytes that cost as much as one opcode. */
const BYTES_A_STEP = 64;

/** @param loaded some allowed call loads its constant as a pickle, so that every one must be readable to the end */
export async function followConstants(
  context: Context,
  item: Item,
  payloads: readonly Payload[],
  loaded: boolean,
): Promise<void> {
  for (const payload of payloads) {
    const { offset, content, encoding } = payload;
    const over = exhausted(context);
    if (over !== undefined) return skip(context, item, `the constants from offset ${offset} on`, over);
    const source = await sourceOf(context, item, payload);
    if (source !== undefined)
      await follow(context, item, { source, content, offset, path: named(encoding) }, loaded, item.depth);
  }
}

/** Why no further constant is followed: each alone may be small, and there may be thousands. */
function exhausted(context: Context): string | undefined {
  const over = checkTime(context);
  if (over !== undefined) return over;
  if (context.spent.constants > MAX_ALL_STEPS) return `those before them have more than ${MAX_ALL_STEPS} steps`;
  return undefined;
}

async function follow(context: Context, item: Item, one: Constant, loaded: boolean, depth: number): Promise<void> {
  const { offset, content, source, path } = one;
  context.signal?.throwIfAborted();
  if (depth >= context.budgets.maxDepth)
    return skip(context, item, `a constant at offset ${offset}`, 'it is nested too deep');
  const how = path.length === 0 ? '' : ` (${path.join(', ')})`;
  const tell = (rule: string, what = ''): void =>
    find(context, item, { rule, detail: `the constant at offset ${offset}${how}${what}`, location: { offset } });
  switch (content) {
    case 'code':
      return tell('VLM-PKL-020');
    case 'program':
      return tell('VLM-PKL-022');
    case 'pickle': {
      let worst: string | undefined;
      const judge = new PickleJudge(context.pickle, (draft) => {
        if (atOrAbove(context.rules.finding(draft.rule).severity, 'high')) worst ??= draft.detail;
      });
      const limits = {
        ...PICKLE_LIMITS,
        maxSteps: Math.min(MAX_STEPS, context.budgets.maxSteps),
        keys: context.pickle.keys,
      };
      const report = await parseSource(readPickles(source.size, judge.visit, limits), source, context.signal);
      judge.finish(report);
      for (const { steps } of report.pickles) context.spent.constants += steps;
      context.spent.constants += Math.min(MAX_SEARCH_STEPS, (report.trailing?.searched ?? 0) * 16);
      if (worst !== undefined) tell('VLM-PKL-014', ` ${worst}`);
      const fault = report.pickles.find((pickle) => pickle.fault !== undefined && pickle.place !== 'found')?.fault;
      // Bytes that start as a pickle by chance break soon; one that a call loads, or that is only too long, is unread.
      if (fault !== undefined && (loaded || fault.kind === 'budget'))
        skip(context, item, `the pickle in the constant at offset ${offset}`, fault.message);
      const inner = { ...item, source };
      for (const payload of report.payloads) {
        const over = exhausted(context);
        if (over !== undefined) return skip(context, item, `constants inside the constant at offset ${offset}`, over);
        const next = await sourceOf(context, inner, payload);
        const steps = [...path, 'pickle', ...named(payload.encoding)];
        if (next !== undefined)
          await follow(
            context,
            item,
            { source: next, content: payload.content, offset, path: steps },
            loaded,
            depth + 1,
          );
      }
      return;
    }
    case 'text':
      return followBytes(context, item, { ...one, source }, loaded, depth, tell);
    case 'container':
      return followContainer(context, item, one, loaded, depth);
  }
}

/** Decoded text: a program, or encoded once more. */
async function followBytes(
  context: Context,
  item: Item,
  one: Constant,
  loaded: boolean,
  depth: number,
  tell: (rule: string) => void,
): Promise<void> {
  const bytes = await one.source.read(0, Math.min(one.source.size, MIB));
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (readsAsPython(text)) return tell('VLM-PKL-021');
  const found = contentOfText(text);
  if (found === undefined) return;
  const source = bytesSource(decodePayload(bytes, found.encoding));
  const path = [...one.path, ...named(found.encoding)];
  await follow(context, item, { ...one, source, content: found.content, path }, loaded, depth + 1);
}

/** What is compressed with zlib is unpacked here, because most of what it holds is data; the rest is examined as a file. */
async function followContainer(
  context: Context,
  item: Item,
  one: Constant,
  loaded: boolean,
  depth: number,
): Promise<void> {
  const { source, offset, path } = one;
  const head = await source.read(0, HEAD);
  const format = head[0] === 0x1f && head[1] === 0x8b ? 'gzip' : (head[0] ?? 0) % 16 === 8 ? 'zlib' : undefined;
  if (format === undefined) {
    const place = `(constant at offset ${offset})`;
    const entry = item.entry === undefined ? place : `${item.entry}!${place}`;
    return context.inside({ source, name: '', entry, depth: depth + 1 });
  }
  const unpack = format === 'gzip' ? gunzipSync : inflateSync;
  const packed = await source.read(0, Math.min(source.size, context.budgets.maxEntryBytes));
  // Two bytes in sixteen thousand look like the start of zlib; a stream that does not begin to unpack is none.
  try {
    unpack(packed.subarray(0, HEAD), { finishFlush: zlib.Z_SYNC_FLUSH });
  } catch {
    return;
  }
  const maxOutputLength = Math.max(
    1,
    Math.min(context.budgets.maxEntryBytes, context.budgets.maxUnpackedBytes - context.spent.unpacked),
  );
  try {
    const bytes = unpack(packed, { finishFlush: zlib.Z_SYNC_FLUSH, maxOutputLength });
    context.spent.unpacked += bytes.length;
    context.spent.constants += bytes.length / BYTES_A_STEP;
    const found = contentOf(bytes) ?? (bytes.length >= 12 ? textContent(bytes) : undefined);
    if (found === undefined) return;
    await follow(
      context,
      item,
      { ...one, source: bytesSource(bytes), content: found, path: [...path, format] },
      loaded,
      depth + 1,
    );
  } catch (error) {
    context.signal?.throwIfAborted();
    const why = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    skip(
      context,
      item,
      `the ${format} stream in the constant at offset ${offset}`,
      why ? 'it unpacks to too much' : 'it is broken',
    );
  }
}

/** `text` for what could be a program or encoded once more. */
function textContent(bytes: Uint8Array): Content | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 65_536)).toString('latin1');
  return readsAsPython(text) || contentOfText(text) !== undefined ? 'text' : undefined;
}

async function sourceOf(context: Context, item: Item, payload: Payload): Promise<Source | undefined> {
  const { offset, length, encoding, bytes } = payload;
  if (bytes !== undefined) return bytesSource(decodePayload(bytes, encoding));
  if (encoding === 'raw') return sliceSource(item.source, offset, length);
  if (length > context.budgets.maxEntryBytes)
    return void skip(context, item, `a constant at offset ${offset}`, `it has ${length} bytes in ${encoding}`);
  return bytesSource(decodePayload(await item.source.read(offset, length), encoding));
}

function named(encoding: Encoding): readonly string[] {
  return encoding === 'base64' || encoding === 'hex' ? [encoding] : [];
}
