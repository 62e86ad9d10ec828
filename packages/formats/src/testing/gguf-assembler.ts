// Writes GGUF files field by field, for tests: any version and byte order, and any number that a field should claim.

export interface GgufParts {
  readonly version?: number;
  readonly bigEndian?: boolean;
  readonly pairs?: readonly Uint8Array[];
  readonly tensors?: readonly Uint8Array[];
  /** What the header claims, where it is not the truth. */
  readonly pairCount?: number;
  readonly tensorCount?: number;
  readonly data?: Uint8Array;
  readonly alignment?: number;
}

export const GGUF_TYPE = { u8: 0, u32: 4, f32: 6, bool: 7, text: 8, array: 9, u64: 10 } as const;

/** Writes the parts of one version and byte order. */
export class GgufWriter {
  readonly version: number;
  readonly bigEndian: boolean;

  constructor(version = 3, bigEndian = false) {
    this.version = version;
    this.bigEndian = bigEndian;
  }

  u32(value: number): Uint8Array {
    const bytes = Buffer.alloc(4);
    if (this.bigEndian) bytes.writeUInt32BE(value);
    else bytes.writeUInt32LE(value);
    return bytes;
  }

  u64(value: number | bigint): Uint8Array {
    const bytes = Buffer.alloc(8);
    if (this.bigEndian) bytes.writeBigUInt64BE(BigInt(value));
    else bytes.writeBigUInt64LE(BigInt(value));
    return bytes;
  }

  /** A count or a length: 32 bits in version 1. */
  number(value: number | bigint): Uint8Array {
    return this.version === 1 ? this.u32(Number(value)) : this.u64(value);
  }

  text(value: string | Uint8Array, claimed?: number | bigint): Uint8Array {
    const bytes = Buffer.from(value as Uint8Array);
    return Buffer.concat([this.number(claimed ?? bytes.length), bytes]);
  }

  pair(key: string, type: number, value: Uint8Array): Uint8Array {
    return Buffer.concat([this.text(key), this.u32(type), value]);
  }

  textPair(key: string, value: string): Uint8Array {
    return this.pair(key, GGUF_TYPE.text, this.text(value));
  }

  array(type: number, items: readonly Uint8Array[], claimed?: number | bigint): Uint8Array {
    return Buffer.concat([this.u32(type), this.number(claimed ?? items.length), ...items]);
  }

  tensor(name: string, dimensions: readonly (number | bigint)[], type: number, offset: number | bigint): Uint8Array {
    const sides = dimensions.map((side) => this.number(side));
    return Buffer.concat([this.text(name), this.u32(dimensions.length), ...sides, this.u32(type), this.u64(offset)]);
  }

  file(parts: GgufParts = {}): Uint8Array {
    const { pairs = [], tensors = [], alignment = 32 } = parts;
    const header = Buffer.concat([
      Buffer.from('GGUF'),
      this.u32(this.version),
      this.number(parts.tensorCount ?? tensors.length),
      this.number(parts.pairCount ?? pairs.length),
      ...pairs,
      ...tensors,
    ]);
    const padding = parts.data === undefined ? 0 : (alignment - (header.length % alignment)) % alignment;
    return Buffer.concat([header, Buffer.alloc(padding), parts.data ?? new Uint8Array(0)]);
  }
}

/** A small model: an architecture, a template, a vocabulary, two tensors with their data. */
export function gguf(version = 3, bigEndian = false, template = '{{ messages[0].content }}'): Uint8Array {
  const writer = new GgufWriter(version, bigEndian);
  const words = ['<s>', 'a', '{{', '}}', '{%', 'b'].map((word) => writer.text(word));
  return writer.file({
    pairs: [
      writer.textPair('general.architecture', 'llama'),
      writer.pair('llama.block_count', GGUF_TYPE.u32, writer.u32(1)),
      writer.pair('tokenizer.ggml.add_bos_token', GGUF_TYPE.bool, Uint8Array.of(1)),
      writer.textPair('tokenizer.chat_template', template),
      writer.pair('tokenizer.ggml.tokens', GGUF_TYPE.array, writer.array(GGUF_TYPE.text, words)),
      writer.pair(
        'tokenizer.ggml.scores',
        GGUF_TYPE.array,
        writer.array(GGUF_TYPE.f32, [writer.u32(0), writer.u32(0)]),
      ),
    ],
    tensors: [writer.tensor('a.weight', [4, 2], 0, 0), writer.tensor('b.weight', [32], 2, 32)],
    data: new Uint8Array(64),
  });
}
