// Weights as safetensors: eight bytes of length, a JSON header, then the numbers, little-endian.

export type Weights = Readonly<Record<string, Float32Array>>;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

export function toSafetensors(
  tensors: Readonly<Record<string, { shape: readonly number[]; data: Float32Array }>>,
): Buffer {
  const header: Record<string, Entry> = {};
  const parts: Buffer[] = [];
  let at = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + data.byteLength] };
    parts.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    at += data.byteLength;
  }
  // Padded with spaces, so that the numbers begin at a multiple of eight.
  const text = JSON.stringify(header);
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, ...parts]);
}

export function fromSafetensors(file: Buffer): Weights {
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + length).toString()) as Record<string, Entry>;
  const weights: Record<string, Float32Array> = {};
  for (const [
    name,
    {
      dtype,
      data_offsets: [from, to],
    },
  ] of Object.entries(header)) {
    if (dtype !== 'F32') throw new Error(`${name} is ${dtype}, and only F32 is read`);
    weights[name] = new Float32Array(Uint8Array.from(file.subarray(8 + length + from, 8 + length + to)).buffer);
  }
  return weights;
}
