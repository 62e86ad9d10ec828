// Compares the abstract pickle machine with CPython's unpickler over generated streams: the same names imported, the same
// names called. Where CPython raises, ours may go on and see more; where CPython gets to the end, both must see the same.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { parseBytes, readPickles } from '@vallum/formats';

const SCRIPT = new URL('../nightly/pickle-oracle.py', import.meta.url).pathname;
/** Streams that one process of Python is asked about. */
const BATCH = 10_000;

const text = (value: string): Buffer => Buffer.from(value);
const bytes = (...codes: readonly number[]): Buffer => Buffer.from(codes);
const join = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts);
const short = (value: string): Buffer => join(bytes(0x8c, value.length), text(value));

// Whole idioms among single opcodes, so that many streams get far.
const idiom = fc.constantFrom(
  text('cmod_a\nfn_a\n'),
  join(text('cmod_b\nfn_b\n'), text(')R')),
  join(text('cmod_c\nfn_c\n'), text('('), short('x'), text('tR')),
  join(short('mod_d'), short('fn_d'), bytes(0x93)),
  text('(imod_e\nfn_e\n'),
  text('(cmod_f\nfn_f\no'),
  join(text('cmod_g\nfn_g\n)'), bytes(0x81)),
  join(text('Vmod_h\nVfn_h\n'), bytes(0x93)),
  join(text("S'mod_i'\nS'fn\\x5fi'\n"), bytes(0x93)),
  join(text('cmod_j\nfn_j\n)}'), bytes(0x92)),
  join(text('cmod_k\nfn_k\n}b'), text('0')),
  join(text('X'), bytes(5, 0, 0, 0), text('mod_l'), text('U'), bytes(4), text('fn_l'), bytes(0x93)),
  join(bytes(0x8d, 5, 0, 0, 0, 0, 0, 0, 0), text('mod_m'), text('Vfn\\u005fm\n'), bytes(0x93)),
  text('(e'),
  text('(u'),
  bytes(0x28, 0x90),
  text('Nb'),
  text('}b'),
  text(']'),
  text('}'),
  text('('),
  text('K\x01'),
  text('N'),
  text('I7\n'),
  text('L12L\n'),
  text('F1.5\n'),
  text('I01\n'),
  text('Pid\n'),
  text('NQ'),
  text('p1\n'),
  text('g1\n'),
  text('g0\n'),
  join(bytes(0x8a, 2), bytes(1, 1)),
  join(text('C'), bytes(2), text('ab')),
  join(bytes(0x96, 1, 0, 0, 0, 0, 0, 0, 0), text('b')),
  join(text('G'), bytes(0, 0, 0, 0, 0, 0, 0, 0)),
  join(text('j'), bytes(2, 0, 0, 0)),
  join(text('r'), bytes(2, 0, 0, 0)),
);
const single = fc
  .constantFrom(
    ...[0x28, 0x30, 0x31, 0x32, 0x52, 0x61, 0x62, 0x64, 0x65, 0x6c, 0x6f, 0x73, 0x74, 0x75, 0x29, 0x5d, 0x7d],
    ...[0x81, 0x85, 0x86, 0x87, 0x88, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x98],
  )
  .map((code) => bytes(code));
const memo = fc.tuple(fc.constantFrom(0x68, 0x71), fc.nat(3)).map((pair) => Buffer.from(pair));
const start = fc.constantFrom(bytes(), bytes(0x80, 2), bytes(0x80, 4), bytes(0x80, 5));
const stream = fc
  .tuple(
    start,
    fc.array(
      fc.oneof({ weight: 4, arbitrary: idiom }, { weight: 3, arbitrary: single }, { weight: 2, arbitrary: memo }),
      {
        maxLength: 25,
      },
    ),
  )
  .map(([head, parts]) => join(head, ...parts, text('.')));

export interface OracleResult {
  readonly streams: number;
  /** Calls that CPython made. */
  readonly calls: number;
  /** Streams that CPython ran to STOP. */
  readonly whole: number;
  /** Each difference with its stream in hexadecimal. */
  readonly differences: readonly string[];
}

export function hasPython(): boolean {
  return spawnSync('python3', ['--version']).status === 0;
}

/** @throws Error when the oracle does not run, or was about to do anything but log */
export function askOracle(reader: 'c' | 'python', streams: number, seed?: number): OracleResult {
  const total = { streams: 0, calls: 0, whole: 0, differences: [] as string[] };
  for (let batch = 0; total.streams < streams; batch++) {
    const numRuns = Math.min(BATCH, streams - total.streams);
    const samples = fc.sample(stream, seed === undefined ? { numRuns } : { numRuns, seed: seed + batch });
    const input = samples.map((sample) => sample.toString('hex')).join('\n');
    const oracle = spawnSync('python3', [SCRIPT, reader], { input, encoding: 'utf8', maxBuffer: 1 << 30 });
    const answers = oracle.stdout.trim().split('\n');
    if (oracle.status !== 0 || answers.length !== samples.length)
      throw new Error(`the oracle stopped: ${oracle.stderr}`);
    answers.forEach((line, index) => compare(samples[index] ?? Buffer.alloc(0), JSON.parse(line) as Answer, total));
    total.streams += samples.length;
  }
  return total;
}

interface Answer {
  readonly seen: readonly (readonly [what: 'import' | 'call', module: string, name: string])[];
  readonly ended: 'stop' | 'fault';
}

function compare(sample: Buffer, answer: Answer, total: { calls: number; whole: number; differences: string[] }): void {
  const own = ours(sample);
  const theirs = { import: new Set<string>(), call: new Set<string>() };
  for (const [what, module, name] of answer.seen) {
    total.calls += what === 'call' ? 1 : 0;
    theirs[what].add(`${module}.${name}`);
  }
  const stopped = answer.ended === 'stop';
  total.whole += stopped ? 1 : 0;
  for (const what of ['import', 'call'] as const) {
    for (const name of theirs[what])
      if (!own[what].has(name)) total.differences.push(`missed: ${what} ${name} in ${sample.toString('hex')}`);
    if (stopped && own[what].size !== theirs[what].size)
      total.differences.push(`more than CPython: ${what} in ${sample.toString('hex')}`);
  }
}

function ours(sample: Uint8Array): Readonly<Record<'import' | 'call', ReadonlySet<string>>> {
  const call = new Set<string>();
  const report = parseBytes(
    readPickles(sample.length, ({ how, target }) => {
      if ((how === 'call' || how === 'new') && target.kind === 'global') call.add(`${target.module}.${target.name}`);
    }),
    sample,
  );
  return { import: new Set(report.globals.map(({ module, name }) => `${module}.${name}`)), call };
}
