// The words of a progress line, at the edges where units and times change.
import { expect, test } from 'vitest';
import { bytesText, throughputText } from './throughput.js';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [999_499, '999 kB'],
  [999_500, '1.00 MB'],
  [9_994_000, '9.99 MB'],
  [9_996_000, '10.0 MB'],
  [99_960_000, '100 MB'],
  [1_200_000_000, '1.20 GB'],
  [5e15, '5000 TB'],
])('%d bytes are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));

test.each([
  [1.2e9, 10e9, 857, '1.20 GB of 10.0 GB, 1.40 GB/s, 7 s left'],
  [1e6, 10e9, 100, '1.00 MB of 10.0 GB'],
  [0, 10e9, 5000, '0 B of 10.0 GB'],
  [1e9, 1e9, 1000, '1.00 GB of 1.00 GB, 1.00 GB/s'],
  [1e9, 62e9, 1000, '1.00 GB of 62.0 GB, 1.00 GB/s, 2 min left'],
  [1e9, 1e9 + 3600e9, 1000, '1.00 GB of 3.60 TB, 1.00 GB/s, 1 h 0 min left'],
  [999, 1000, 1000, '999 B of 1.00 kB, 999 B/s, 1 s left'],
])('%d of %d bytes after %d ms: %s', (bytes, total, ms, text) => expect(throughputText(bytes, total, ms)).toBe(text));
