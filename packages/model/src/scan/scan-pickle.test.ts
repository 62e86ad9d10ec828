// The scanner against every class of bypass, with clean twins; and the same with nothing on the list of bad names.
import { describe, expect, it } from 'vitest';
import { pickle } from '@vallum/formats/testing';
import { RULE_FILES } from './rule-files.js';
import { buildRules } from './rules.js';
import { ATTACK_CLASSES } from './testing/attacks.js';
import realPickles from './testing/real-pickles.json' with { type: 'json' };
import realFiles from './testing/real-files.json' with { type: 'json' };
import { scanBytes, verdictOf } from './testing/scan-bytes.js';

const withoutDenylist = buildRules({ ...RULE_FILES, explain: { explain: [], tampering: [] } });

/** A name that promises what the bytes are. */
function honestName(bytes: Uint8Array): string {
  if (bytes[0] === 0x93) return 'array.npy';
  return bytes[0] === 0x50 && bytes[1] === 0x4b ? 'model.pt' : 'model.pkl';
}

describe.each(ATTACK_CLASSES)('$name', ({ attacks, clean }) => {
  it.each(Object.entries(attacks))('%s fails', async (_name, bytes) => {
    expect(await verdictOf('model.pkl', bytes)).toMatch(/^fail .*VLM-PKL/);
  });

  it.each(Object.entries(attacks))('%s fails without the list of bad names', async (_name, bytes) => {
    expect(await verdictOf('model.pkl', bytes, { rules: withoutDenylist })).toMatch(/^fail .*VLM-PKL/);
  });

  it.each(Object.entries(attacks))('%s fails whatever the file is called', async (_name, bytes) => {
    for (const name of ['weights.bin', 'README.md', 'model.safetensors', 'x'])
      expect(await verdictOf(name, bytes)).toMatch(/^fail .*VLM-PKL/);
  });

  it.each(Object.entries(clean))('%s passes', async (_name, bytes) => {
    expect(await verdictOf(honestName(bytes), bytes)).toBe('pass');
  });
});

it('has at least five attacks in every class', () => {
  for (const { attacks } of ATTACK_CLASSES) expect(Object.keys(attacks).length).toBeGreaterThanOrEqual(5);
});

describe('findings', () => {
  it('name the callable and the offset of the opcode', async () => {
    const report = await scanBytes('model.pkl', pickle().global('os', 'system').call('id').stop());
    const [finding] = report.files[0]?.findings ?? [];
    expect(finding).toMatchObject({
      rule: 'VLM-PKL-001',
      severity: 'critical',
      location: { file: 'model.pkl', offset: 20 },
      cwe: ['CWE-502'],
    });
    expect(finding?.message).toContain('os.system');
  });

  it('are milder for a class that nobody speaks of, which is built and not called', async () => {
    const bytes = pickle()
      .proto(2)
      .global('my_package', 'Model')
      .op('EMPTY_TUPLE')
      .op('NEWOBJ')
      .op('EMPTY_DICT')
      .op('BUILD');
    expect(await verdictOf('model.pkl', bytes.stop())).toBe('pass VLM-PKL-006');
    expect(await verdictOf('model.pkl', bytes.done(), { gate: 'medium' })).toMatch(/^fail/);
  });

  it('call tampering by its name', async () => {
    expect(await verdictOf('m.pkl', pickle().global('picklescan.scanner', 'x').op('POP').int(1).stop())).toContain(
      'VLM-PKL-019',
    );
  });

  it('keep the grave ones when there are too many', async () => {
    const stream = pickle();
    for (let index = 0; index < 300; index++)
      stream.proto(2).global(`package${index}`, 'C').op('EMPTY_TUPLE').op('NEWOBJ').op('POP');
    const report = await scanBytes('m.pkl', stream.global('os', 'system').call('x').stop());
    expect(report.outcome).toBe('fail');
    expect(report.files[0]?.findings[0]?.severity).toBe('critical');
  });
});

describe('what cannot be read to the end', () => {
  it('is inconclusive, never a pass', async () => {
    expect(await verdictOf('m.pkl', pickle().proto(2).int(1).done())).toMatch(/^inconclusive/);
    const long = pickle().proto(2);
    for (let index = 0; index < 100; index++) long.int(1).op('POP');
    expect(await verdictOf('m.pkl', long.int(1).stop(), { budgets: { maxSteps: 50 } })).toBe('inconclusive');
    expect(await verdictOf('m.pkl', Buffer.from('000102fffe', 'hex'))).toBe('inconclusive VLM-FIL-001');
  });
});

describe('files of real libraries', () => {
  it.each(
    [...realFiles.files, ...realPickles.files].map(
      ({ name, base64 }) => [name, Buffer.from(base64, 'base64')] as const,
    ),
  )('%s passes', async (name, bytes) => {
    // Arrays of objects in joblib are another program to pickle.load, and nothing can be done about that.
    expect(await verdictOf(name, bytes)).toMatch(/^pass(?: VLM-PKL-028)?$/);
  });
});

describe('arrays as numpy before 1.0 wrote them', () => {
  const written = (what: string): Uint8Array =>
    Buffer.from(`cnumpy.core._internal\n_reconstruct\n(${what}(I0\ntS'b'\ntR.`);

  it('an array passes, and another class in its place does not', async () => {
    expect(await verdictOf('m.pkl', written('cnumpy\nndarray\n'))).toBe('pass');
    expect(await verdictOf('m.pkl', written('csubprocess\nPopen\n'))).toContain('fail');
  });
});
