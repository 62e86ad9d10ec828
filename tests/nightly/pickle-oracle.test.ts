// Compares the abstract pickle machine with CPython's unpickler over generated streams: the same names imported, the same
// names called. Needs python3; runs at night because it asks thousands of times.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { parseBytes, readPickles } from '@vallum/formats';
import { describe, expect, it } from 'vitest';

const STREAMS = 10_000;
const text = (value: string): Buffer => Buffer.from(value);
const short = (value: string): Buffer => Buffer.concat([Buffer.from([0x8c, value.length]), text(value)]);
const byte = (...codes: readonly number[]): fc.Arbitrary<Buffer> =>
  fc.constantFrom(...codes).map((code) => Buffer.from([code]));

// Whole idioms among single opcodes, so that many streams get far.
const idiom = fc.constantFrom(
  Buffer.concat([text('cmod_a\nfn_a\n')]),
  Buffer.concat([text('cmod_b\nfn_b\n'), text(')R')]),
  Buffer.concat([text('cmod_c\nfn_c\n'), text('('), short('x'), text('tR')]),
  Buffer.concat([short('mod_d'), short('fn_d'), Buffer.from([0x93])]),
  Buffer.concat([text('(imod_e\nfn_e\n')]),
  Buffer.concat([text('(cmod_f\nfn_f\no')]),
  Buffer.concat([text('cmod_g\nfn_g\n)'), Buffer.from([0x81])]),
  Buffer.concat([text('Vmod_h\nVfn_h\n'), Buffer.from([0x93])]),
  Buffer.concat([text("S'mod_i'\nS'fn\\x5fi'\n"), Buffer.from([0x93])]),
  text('(e'),
  text('(u'),
  Buffer.from([0x28, 0x90]),
  text('Nb'),
  text('}b'),
  text(']'),
  text('}'),
  text('('),
  text('K\x01'),
  text('N'),
);
const single = byte(
  ...[0x28, 0x30, 0x31, 0x32, 0x52, 0x61, 0x62, 0x64, 0x65, 0x6c, 0x6f, 0x73, 0x74, 0x75, 0x29, 0x5d, 0x7d],
  ...[0x81, 0x85, 0x86, 0x87, 0x88, 0x8f, 0x90, 0x91, 0x93, 0x94],
);
const memo = fc.tuple(fc.constantFrom(0x68, 0x71), fc.nat(3)).map((pair) => Buffer.from(pair));
const stream = fc
  .array(fc.oneof({ weight: 4, arbitrary: idiom }, { weight: 3, arbitrary: single }, { weight: 2, arbitrary: memo }), {
    maxLength: 25,
  })
  .map((parts) => Buffer.concat([Buffer.from([0x80, 4]), ...parts, text('.')]));

interface Seen {
  readonly imported: readonly string[];
  readonly called: readonly string[];
}

function ours(bytes: Uint8Array): Seen {
  const called = new Set<string>();
  const report = parseBytes(
    readPickles(bytes.length, (site) => {
      if (site.how === 'call' && site.target.kind === 'global') called.add(`${site.target.module}.${site.target.name}`);
      if (site.how === 'new' && site.target.kind === 'global') called.add(`${site.target.module}.${site.target.name}`);
    }),
    bytes,
  );
  return { imported: report.globals.map(({ module, name }) => `${module}.${name}`).sort(), called: [...called].sort() };
}

describe('the machine and CPython', () => {
  it.each(['c', 'python'])(`see the same over ${STREAMS} streams, reader in %s`, (reader) => {
    const samples = fc.sample(stream, STREAMS);
    const script = new URL('pickle-oracle.py', import.meta.url).pathname;
    const input = samples.map((sample) => sample.toString('hex')).join('\n');
    const oracle = spawnSync('python3', [script, reader], { input, encoding: 'utf8', maxBuffer: 1 << 30 });
    expect(oracle.status, oracle.stderr).toBe(0);
    const answers = oracle.stdout.trim().split('\n');
    expect(answers).toHaveLength(samples.length);
    const missed: string[] = [];
    let calls = 0;
    let whole = 0;
    for (const [index, line] of answers.entries()) {
      const sample = samples[index] ?? Buffer.alloc(0);
      const { seen, ended } = JSON.parse(line) as { seen: [string, string, string][]; ended: 'stop' | 'fault' };
      const own = ours(sample);
      for (const [what, module, name] of seen) {
        calls += what === 'call' ? 1 : 0;
        const list = what === 'call' ? own.called : own.imported;
        if (!list.includes(`${module}.${name}`)) missed.push(`${what} ${module}.${name} in ${sample.toString('hex')}`);
      }
      // Where CPython raises, ours may go on and see more; where CPython gets to the end, both see the same.
      if (ended === 'fault') continue;
      whole += 1;
      const names = (kind: string): string[] =>
        [...new Set(seen.filter(([what]) => what === kind).map(([, module, name]) => `${module}.${name}`))].sort();
      const same = names('import').join() === own.imported.join() && names('call').join() === own.called.join();
      if (!same) missed.push(`more than CPython in ${sample.toString('hex')}`);
    }
    expect(calls).toBeGreaterThan(STREAMS / 10);
    expect(whole).toBeGreaterThan(STREAMS / 100);
    expect(missed.slice(0, 5)).toEqual([]);
  });
});
