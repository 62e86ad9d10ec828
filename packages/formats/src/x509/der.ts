// Reads DER, the one encoding of ASN.1 that signatures rely on (X.690 section 10 and 11). The bytes belong to whoever
// made the certificate: a reader that also takes BER gives two readings of one signed object (Bleichenbacher's forgeries,
// CVE-2014-1569). So every length is the shortest, every tag is primitive or constructed as DER says, sets are in order,
// nothing follows the value, and size, depth and number of elements are bounded.

export const DER_LIMITS = { maxBytes: 64 * 1024, maxDepth: 16, maxNodes: 4096 } as const;

/** One element. `children` is empty for primitive elements. */
export interface DerNode {
  /** Identifier octet: class, constructed bit and tag number. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** Identifier, length and content. */
  readonly encoded: Uint8Array;
  readonly children: readonly DerNode[];
}

/** Why bytes are not the DER that was expected; never leaves this folder. */
export class DerError extends Error {}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

const CONSTRUCTED = 0x20;
const CLASS = 0xc0;
/** Numbers of SEQUENCE and SET, the only universal types that DER constructs here. */
const COLLECTIONS = [0x10, 0x11];

/** The one element that the bytes are. @throws DerError */
export function readDer(bytes: Uint8Array): DerNode {
  if (bytes.length > DER_LIMITS.maxBytes) throw new DerError(`it has more than ${DER_LIMITS.maxBytes} bytes`);
  const budget = { nodes: DER_LIMITS.maxNodes };
  const node = element(bytes, 0, 0, budget);
  if (node.encoded.length !== bytes.length) throw new DerError('bytes follow the value');
  return node;
}

function element(bytes: Uint8Array, at: number, depth: number, budget: { nodes: number }): DerNode {
  if (depth > DER_LIMITS.maxDepth) throw new DerError(`it is nested deeper than ${DER_LIMITS.maxDepth}`);
  if (--budget.nodes < 0) throw new DerError(`it has more than ${DER_LIMITS.maxNodes} elements`);
  const tag = bytes[at];
  if (tag === undefined) throw new DerError('it is cut short');
  if ((tag & 0x1f) === 0x1f) throw new DerError('it has a tag of several bytes');
  const constructed = (tag & CONSTRUCTED) !== 0;
  if ((tag & CLASS) === 0 && constructed !== COLLECTIONS.includes(tag & 0x1f))
    throw new DerError(`the type ${tag & 0x1f} may not be ${constructed ? 'constructed' : 'primitive'}`);
  const { length, start } = lengthAt(bytes, at + 1);
  const end = start + length;
  if (end > bytes.length) throw new DerError('a length points past the end');
  const children: DerNode[] = [];
  for (let next = start; constructed && next < end;) {
    const child = element(bytes.subarray(0, end), next, depth + 1, budget);
    next += child.encoded.length;
    const previous = children.at(-1);
    if (tag === TAG.set && previous !== undefined && Buffer.compare(previous.encoded, child.encoded) > 0)
      throw new DerError('a set is not in order');
    children.push(child);
  }
  return { tag, content: bytes.subarray(start, end), encoded: bytes.subarray(at, end), children };
}

function lengthAt(bytes: Uint8Array, at: number): { readonly length: number; readonly start: number } {
  const first = bytes[at];
  if (first === undefined) throw new DerError('it is cut short');
  if (first < 0x80) return { length: first, start: at + 1 };
  const count = first & 0x7f;
  if (count === 0 || count > 3) throw new DerError('a length is indefinite or too large');
  let length = 0;
  for (let index = 1; index <= count; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) throw new DerError('it is cut short');
    length = length * 256 + byte;
  }
  if (length < 0x80 || length < 256 ** (count - 1)) throw new DerError('a length is not the shortest');
  return { length, start: at + 1 + count };
}
