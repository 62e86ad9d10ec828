// NumPy's .npy: a header that describes one array, then its bytes - or, for arrays of objects, a pickle (CVE-2019-6446).
// Layout: numpy/lib/format.py. The header is a Python literal; it is matched, never evaluated.
import type { Parser } from '../bytes/parser.js';

export interface NpyReport {
  readonly dtype: string;
  readonly dataStart: number;
  /** Bytes of data that the header announces; undefined where it cannot be told. */
  readonly dataBytes?: number;
  /** The data is a pickle. */
  readonly objects: boolean;
  readonly fault?: string;
}

const MAX_HEADER = 1024 * 1024;

export function* readNpy(size: number): Parser<NpyReport> {
  const head = Buffer.from(yield { offset: 0, length: 12 });
  if (head.length < 12) return broken('it is shorter than its header');
  const wide = (head[6] ?? 0) >= 2;
  const length = wide ? head.readUInt32LE(8) : head.readUInt16LE(8);
  const dataStart = (wide ? 12 : 10) + length;
  if (length > MAX_HEADER || dataStart > size) return broken('its header does not fit');
  const header = Buffer.from(yield { offset: wide ? 12 : 10, length }).toString('latin1');
  const descr = /'descr'\s*:\s*(?:'([^']{1,64})'|(\[[^\]]*(?:\][^\]]*)*\]))\s*,/.exec(header);
  const shape = /'shape'\s*:\s*\(([0-9,\s]{0,400})\)/.exec(header);
  if (descr === null || shape === null) return broken('its header is not readable');
  const simple = descr[1];
  const objects = simple === undefined ? /'[|<>=]?O/.test(descr[2] ?? '') : /^[|<>=]?O/.test(simple);
  const elements = (shape[1] ?? '')
    .split(',')
    .reduce((product, side) => (side.trim() === '' ? product : product * Number(side)), 1);
  const width = simple === undefined ? null : /^[|<>=]?([biufcmMSUV])(\d{1,9})/.exec(simple);
  const report = { dtype: simple ?? 'a record', dataStart, objects };
  if (width === null || objects) return report;
  return { ...report, dataBytes: elements * Number(width[2]) * (width[1] === 'U' ? 4 : 1) };
}

function broken(fault: string): NpyReport {
  return { dtype: '', dataStart: 0, objects: false, fault };
}
