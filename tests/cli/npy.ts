// Matrices as NumPy saves them (format 1.0), for tests of commands that read them.

/** @param type `<f8`, or another that the header claims */
export function npy(columns: number, values: readonly number[], type = '<f8'): Uint8Array {
  const shape = `(${values.length / columns}, ${columns})`;
  const head = `{'descr': '${type}', 'fortran_order': False, 'shape': ${shape}, }`;
  const length = Math.ceil((10 + head.length + 1) / 64) * 64 - 10;
  const bytes = Buffer.alloc(10);
  bytes.write('\x93NUMPY\x01\x00', 'latin1');
  bytes.writeUInt16LE(length, 8);
  return Buffer.concat([
    bytes,
    Buffer.from(`${head.padEnd(length - 1)}\n`),
    Buffer.from(Float64Array.from(values).buffer),
  ]);
}
