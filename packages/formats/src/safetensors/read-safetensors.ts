// Checks a safetensors file against every rule of the reference reader (huggingface/safetensors, tensor.rs), because a
// reader that is laxer than the loader, or stricter, lets two programs see two files: header size, JSON, names, shapes,
// and data without holes, overlaps or bytes behind it. Only the header is read.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject, messageOf, parseJsonStrict } from '@vallum/core';
import type { Parser } from '../bytes/parser.js';

/** The reference refuses headers above this many bytes. */
export const REFERENCE_HEADER = 100_000_000;

export interface SafetensorsLimits {
  /** Bytes of the header that are read here. */
  readonly maxHeader: number;
}

export const SAFETENSORS_LIMITS: SafetensorsLimits = { maxHeader: 24 * 1024 * 1024 };

export type SafetensorsProblemCode =
  'header' | 'metadata' | 'tensor' | 'dtype' | 'size' | 'offsets' | 'overlap' | 'hole' | 'trailing' | 'truncated';

export interface SafetensorsProblem {
  readonly code: SafetensorsProblemCode;
  readonly message: string;
  readonly tensor?: string;
}

export interface SafetensorsReport {
  readonly tensors: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly problems: readonly SafetensorsProblem[];
  /** Offset behind the header, where tensor data starts. */
  readonly dataStart: number;
  /** Why it could not be read: no reader can load it, or it is over a budget here. */
  readonly fault?: { readonly message: string; readonly budget: boolean };
}

// Bits of one element.
const DTYPES: Readonly<Record<string, number>> = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
};

const MAX_PROBLEMS = 100;

export function* readSafetensors(
  size: number,
  limits: SafetensorsLimits = SAFETENSORS_LIMITS,
): Parser<SafetensorsReport> {
  const first = yield { offset: 0, length: 8 };
  if (first.length < 8) return broken('it is shorter than its length field');
  const length = Number(Buffer.from(first).readBigUInt64LE());
  if (length > REFERENCE_HEADER) return broken(`its header claims ${length} bytes, more than any reader accepts`);
  if (8 + length > size) return broken(`its header claims ${length} bytes and the file has ${size}`);
  if (length > limits.maxHeader)
    return broken(`its header has ${length} bytes, more than the ${limits.maxHeader} read here`, true);
  const bytes = yield { offset: 8, length };
  if (bytes[0] !== 0x7b) return broken('its header does not start with a brace');
  const text = trimPadding(bytes);
  if (text[text.length - 1] !== 0x7d) return broken('its header is not padded with spaces alone');
  let header: JsonValue;
  try {
    header = parseJsonStrict(text, { maxBytes: limits.maxHeader, maxDepth: 8 });
  } catch (error) {
    return broken(`its header: ${messageOf(error)}`);
  }
  if (!isJsonObject(header)) return broken('its header is no object');
  if (hasOddNumber(text)) return broken('its header holds a number that is no plain size');
  return check(header, 8 + length, size);
}

function broken(message: string, budget = false): SafetensorsReport {
  return { tensors: 0, metadata: {}, problems: [], dataStart: 0, fault: { message, budget } };
}

/** `1.0`, `1e3`, `-0`: the same number to a lax reader, an error to the reference. */
function hasOddNumber(text: Uint8Array): boolean {
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (inText && byte === 0x5c) at += 1;
    else if (byte === 0x22) inText = !inText;
    else if (!inText && byte === 0x2d) return true;
    else if (!inText && (byte === 0x2e || byte === 0x65 || byte === 0x45) && isDigit(text[at - 1])) return true;
  }
  return false;
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

// Writers pad the header with spaces so that the data is aligned.
function trimPadding(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0x20) end -= 1;
  return bytes.subarray(0, end);
}

interface Placed {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

function check(header: JsonObject, dataStart: number, size: number): SafetensorsReport {
  const problems: SafetensorsProblem[] = [];
  const tell = (code: SafetensorsProblemCode, message: string, tensor?: string): void => {
    if (problems.length < MAX_PROBLEMS)
      problems.push(tensor === undefined ? { code, message } : { code, message, tensor });
  };
  const placed: Placed[] = [];
  const metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') readMetadata(entry, metadata, tell);
    else {
      const tensor = readTensor(name, entry, tell);
      if (tensor !== undefined) placed.push(tensor);
    }
  }
  placed.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const tensor of placed) {
    if (tensor.begin < at)
      tell('overlap', `its data starts at ${tensor.begin}, inside the tensor before it`, tensor.name);
    if (tensor.begin > at) tell('hole', `${tensor.begin - at} bytes before its data belong to no tensor`, tensor.name);
    at = Math.max(at, tensor.end);
  }
  const room = size - dataStart;
  if (at > room) tell('truncated', `the tensors need ${at} bytes and the file holds ${room}`);
  if (at < room) tell('trailing', `${room - at} bytes stand behind the last tensor`);
  return { tensors: placed.length, metadata, problems, dataStart };
}

type Tell = (code: SafetensorsProblemCode, message: string, tensor?: string) => void;

function readMetadata(entry: JsonValue, into: Record<string, string>, tell: Tell): void {
  if (!isJsonObject(entry)) return tell('metadata', '__metadata__ is no object');
  for (const [key, value] of Object.entries(entry))
    if (typeof value === 'string') into[key] = value;
    else tell('metadata', `__metadata__ holds something other than a text under ${JSON.stringify(key.slice(0, 80))}`);
}

function readTensor(name: string, entry: JsonValue, tell: Tell): Placed | undefined {
  if (!isJsonObject(entry)) return void tell('tensor', 'it is no object', name);
  const { dtype, shape, data_offsets: offsets } = entry;
  const extra = Object.keys(entry).filter((key) => key !== 'dtype' && key !== 'shape' && key !== 'data_offsets');
  if (extra.length > 0) tell('tensor', `it has the unknown field ${JSON.stringify(extra[0]?.slice(0, 80))}`, name);
  if (!isSizes(shape)) return void tell('tensor', 'its shape is no list of sizes', name);
  if (!isSizes(offsets) || offsets.length !== 2) return void tell('offsets', 'its offsets are no pair of sizes', name);
  const [begin = 0, end = 0] = offsets;
  if (end < begin) return void tell('offsets', `it ends at ${end}, before it begins at ${begin}`, name);
  const bits = typeof dtype === 'string' ? DTYPES[dtype] : undefined;
  if (bits === undefined) {
    tell('dtype', `its type ${JSON.stringify(dtype)?.slice(0, 80)} is unknown`, name);
    return { name, begin, end };
  }
  const total = shape.reduce((product, side) => product * BigInt(side), BigInt(bits));
  if (total >= 2n ** 64n) tell('size', 'its shape overflows 64 bits', name);
  else if (total % 8n !== 0n || total / 8n !== BigInt(end - begin))
    tell('size', `its shape needs ${total / 8n} bytes and its offsets hold ${end - begin}`, name);
  return { name, begin, end };
}

function isSizes(value: JsonValue | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((side) => Number.isSafeInteger(side) && (side as number) >= 0);
}
