// Headers of .npy files as NumPy writes them.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { readNpy } from './npy.js';

function npy(header: string, data = new Uint8Array(0)): Uint8Array {
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(header), data]);
}
const read = (bytes: Uint8Array) => parseBytes(readNpy(bytes.length), bytes);

describe('readNpy', () => {
  it('tells plain numbers from objects', () => {
    const plain = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", new Uint8Array(24));
    expect(read(plain)).toMatchObject({ objects: false, dataBytes: 24 });
    expect(read(npy("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }")).objects).toBe(true);
    expect(read(npy("{'descr': [('a', '<i4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,), }")).objects).toBe(
      true,
    );
    expect(read(npy("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), }")).objects).toBe(false);
  });

  it('refuses a header that is cut off or no header', () => {
    expect(read(npy('nonsense')).fault).toBeDefined();
    expect(read(npy("{'descr': '<f4'").subarray(0, 12)).fault).toBeDefined();
  });
});
