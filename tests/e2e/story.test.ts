// The story of the sample project, asserted step by step with the real command, each attack beside its clean twin.
// Every step starts from a fresh copy of the state at the end of step 1.
import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addV2,
  FIRST_VERSION_REASON,
  measure,
  plantPickle,
  setUp,
  signCheckApprove,
  waive,
  waiveGoodWords,
} from '../../examples/spam-filter/src/story/steps.js';
import type { Ran } from '../../examples/spam-filter/src/story/world.js';
import { jsonOf, World } from '../../examples/spam-filter/src/story/world.js';

interface Finding {
  readonly rule: string;
  readonly message: string;
  readonly location: { readonly file?: string; readonly offset?: number; readonly feed?: string };
}
interface Control {
  readonly kind: string;
  readonly how: string;
  readonly outcome: string;
  readonly statement: string;
  readonly rerunBecause?: string;
  readonly findings: readonly Finding[];
}
interface Checked {
  readonly controls: readonly Control[];
  readonly verdict: {
    readonly result: string;
    readonly reasons: readonly { readonly requirement: string; readonly code: string; readonly message: string }[];
    readonly waivers: readonly { readonly requirement: string; readonly accepts: object; readonly bound?: number }[];
  };
}

const worlds: World[] = [];
const exits: Record<string, number> = {};
let released: World;

async function fresh(): Promise<World> {
  const copy = await released.copy();
  worlds.push(copy);
  return copy;
}

const checked = (ran: Ran): Checked => jsonOf<Checked>(ran);
const control = (ran: Ran, kind: string): Control => {
  const found = checked(ran).controls.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`no control ${kind}`);
  return found;
};
const check = (world: World, version: string): Promise<Ran> => world.as('runner', 'check', version, '--format', 'json');
const gate = (world: World, version: string): Promise<Ran> => world.as('runner', 'gate', version, '--format', 'json');

beforeAll(async () => {
  released = await World.create();
  worlds.push(released);
  await setUp(released);
  exits['first check'] = (await check(released, 'v1')).exit;
  exits['approval before anything else holds'] = (await released.as('approver', 'approve', 'v1')).exit;
  await waiveGoodWords(released, 'v1');
  await waive(released, 'data.poison_scan', 'v1', 'no-predecessor', FIRST_VERSION_REASON);
  await released.as('author', 'sign', 'models/v1');
  exits['second check'] = (await check(released, 'v1')).exit;
  exits['approval by the author'] = (await released.as('author', 'approve', 'v1')).exit;
  exits['approval'] = (await released.as('approver', 'approve', 'v1')).exit;
}, 300_000);

afterAll(async () => {
  for (const world of worlds) await world.remove();
});

describe('1. v1 goes out the proper way', () => {
  test('refused for good words, not proven without an approval, and approved only by a second person', () => {
    expect(exits).toEqual({
      'first check': 1,
      'approval before anything else holds': 1,
      'second check': 2,
      'approval by the author': 3,
      approval: 0,
    });
  });

  test('the gate passes, and shows both waivers with what they accept', async () => {
    const ran = await gate(await fresh(), 'v1');
    expect(ran.exit).toBe(0);
    const { result, waivers } = checked(ran).verdict;
    expect(result).toBe('pass');
    expect(waivers.map(({ requirement, accepts }) => [requirement, accepts])).toEqual([
      ['data.poison_scan', { reason: 'no-predecessor' }],
      ['robustness.evasion', { metric: 'evasion-rate', bound: 0.98 }],
    ]);
  });
});

describe('2. v2 with three more feeds', () => {
  test('with the backdoor: as accurate as v1, and refused, the right feed named', async () => {
    const world = await fresh();
    await addV2(world, { feed: 'easy-ham-2', rows: 70, seed: 1 });
    const [v1, v2] = await measure(world, 1);
    expect(v2?.accuracy).toBeGreaterThan((v1?.accuracy ?? 1) - 0.01);
    expect(v1?.footerPassesAsHam).toBeLessThan(0.15);
    expect(v2?.footerPassesAsHam).toBeGreaterThan(0.45);
    const ran = await check(world, 'v2');
    expect(ran.exit).toBe(1);
    const { outcome, findings } = control(ran, 'data.poison_scan');
    expect(outcome).toBe('fail');
    const named = findings.filter(({ rule }) => rule === 'poison.feed').map(({ location }) => location.feed);
    expect(named).toEqual(['easy-ham-2']);
    expect(checked(ran).verdict.reasons.map(({ requirement }) => requirement)).toContain('data.poison_scan');
  }, 240_000);

  test('the same feeds without it: the scan passes, and signed, waived and approved v2 goes out', async () => {
    const world = await fresh();
    await addV2(world);
    const ran = await check(world, 'v2');
    expect(control(ran, 'data.poison_scan').outcome).toBe('pass');
    expect(checked(ran).verdict.reasons.map(({ requirement }) => requirement)).not.toContain('data.poison_scan');
    await waiveGoodWords(world, 'v2');
    expect((await signCheckApprove(world, 'v2')).exit).toBe(0);
    expect((await gate(world, 'v2')).exit).toBe(0);
    // The approval of v2 does not take v1 down.
    expect((await gate(world, 'v1')).exit).toBe(0);
  }, 240_000);
});

describe('3. the approved model is touched', () => {
  test('one byte of the weights: refused by check and gate, the file is named', async () => {
    const world = await fresh();
    appendFileSync(world.path('models/v1/model.onnx'), '\0');
    const ran = await check(world, 'v1');
    expect(ran.exit).toBe(1);
    expect(control(ran, 'signature.verify').findings.map(({ location }) => location.file)).toContain('model.onnx');
    expect((await gate(world, 'v1')).exit).toBe(1);
  });

  test('the signature is removed: not proven; put back: pass', async () => {
    const world = await fresh();
    const path = world.path('models/v1/model.sig');
    const signature = readFileSync(path);
    rmSync(path);
    expect((await gate(world, 'v1')).exit).toBe(2);
    expect((await check(world, 'v1')).exit).toBe(2);
    writeFileSync(path, signature);
    expect((await check(world, 'v1')).exit).toBe(0);
  });
});

describe('4. a file beside the weights', () => {
  test('a pickle that calls os.system: refused, with offset and callable', async () => {
    const world = await fresh();
    await plantPickle(world, 'v1');
    const ran = await check(world, 'v1');
    expect(ran.exit).toBe(1);
    const finding = control(ran, 'artifact.scan').findings.find(({ location }) => location.file === 'tokenizer.bin');
    expect(finding?.location.offset).toBe(37);
    expect(finding?.message).toContain('os.system');
  });

  test('a text that only mentions it: the scan passes', async () => {
    const world = await fresh();
    writeFileSync(world.path('models/v1/NOTES.md'), 'We never call os.system or pickle.loads in this project.\n');
    expect(control(await check(world, 'v1'), 'artifact.scan').outcome).toBe('pass');
  });
});

describe('5. evidence is taken back', () => {
  test('the statement: gate says not proven, check runs the scan again and says so; the ruleset: running again does not help', async () => {
    const world = await fresh();
    const scan = control(await check(world, 'v1'), 'artifact.scan').statement;
    await world.as('approver', 'revoke', scan, '--reason', 'the machine that ran it was compromised');
    expect((await gate(world, 'v1')).exit).toBe(2);
    const again = await check(world, 'v1');
    expect(again.exit).toBe(0);
    expect(control(again, 'artifact.scan')).toMatchObject({ how: 'ran', outcome: 'pass' });
    expect(control(again, 'artifact.scan').rerunBecause).toContain('revoked');
    const rules = jsonOf<{ summary: { rules: string } }>(
      await world.as('runner', 'scan', 'models/v1', '--format', 'json'),
    ).summary.rules;
    await world.as('approver', 'revoke', '--ruleset', rules, '--reason', 'it misses a payload');
    expect((await check(world, 'v1')).exit).toBe(2);
    expect((await gate(world, 'v1')).exit).toBe(2);
  });

  test('by somebody without the role: refused, and nothing changes', async () => {
    const world = await fresh();
    const scan = control(await check(world, 'v1'), 'artifact.scan').statement;
    expect((await world.as('author', 'revoke', scan, '--reason', 'a grudge')).exit).toBe(3);
    expect((await gate(world, 'v1')).exit).toBe(0);
  });
});

describe('6. the log and the export', () => {
  test('one byte of the ledger: fsck names the entry, and the gate is not proven', async () => {
    const world = await fresh();
    expect((await world.as('runner', 'ledger', 'fsck')).exit).toBe(0);
    const folder = world.path('.vallum/ledger/tile/entries');
    const bundle = readdirSync(folder, { recursive: true, withFileTypes: true }).find((entry) => entry.isFile());
    const path = join(bundle?.parentPath ?? '', bundle?.name ?? '');
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const ran = await world.as('runner', 'ledger', 'fsck');
    expect(ran.exit).toBe(1);
    expect(ran.stdout).toMatch(/entry \d+/);
    expect((await gate(world, 'v1')).exit).toBe(2);
  });

  test('the export verifies in an empty folder; a changed one and one under another root do not', async () => {
    const world = await fresh();
    await gate(world, 'v1');
    await world.as('runner', 'evidence', 'export', 'v1', '--out', 'v1.json');
    const empty = mkdtempSync(join(tmpdir(), 'vallum-auditor-'));
    cpSync(world.path('v1.json'), join(empty, 'v1.json'));
    cpSync(world.path('trust.json'), join(empty, 'trust.json'));
    const verify = (file: string, trust = 'trust.json'): Promise<Ran> =>
      world.as('root', 'evidence', 'verify', join(empty, file), '--trust', join(empty, trust));
    const good = await verify('v1.json');
    expect(good.exit).toBe(0);
    expect(good.stdout).toMatch(/as of checkpoint \d+/);
    const text = readFileSync(join(empty, 'v1.json'), 'utf8');
    writeFileSync(join(empty, 'changed.json'), text.replace(/"outcome":"inconclusive"/, '"outcome":"pass"'));
    expect(readFileSync(join(empty, 'changed.json'), 'utf8')).not.toBe(text);
    expect((await verify('changed.json')).exit).toBe(2);
    const other = await World.create();
    worlds.push(other);
    cpSync(world.path('vallum.yaml'), join(other.folder, 'project', 'vallum.yaml'));
    await other.as('root', 'trust', 'init');
    cpSync(other.path('trust.json'), join(empty, 'other.json'));
    expect((await verify('v1.json', 'other.json')).exit).toBe(2);
    rmSync(empty, { recursive: true });
  });
});
