// Interoperation with the reference implementation of OpenSSF Model Signing (PyPI `model-signing` 1.1.1), both ways, on
// generated folders and after changes to them. It needs python3 with that package on the PATH or in `.venv`:
//   python3 -m venv .venv && .venv/bin/pip install model-signing==1.1.1 pyopenssl
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { nodeDisk, sha256 } from '@vallum/core';
import { signModel, verifyModel } from '@vallum/model';
import { mulberry32, shuffle } from '@vallum/stats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const TREES = 200;
const SCRIPT = `
import json, pathlib, sys
from model_signing import hashing, signing, verifying
out = []
for job in json.load(sys.stdin):
    model, sig = pathlib.Path(job["dir"]), pathlib.Path(job["dir"]) / "model.sig"
    try:
        if job["op"] == "sign":
            ignore = hashing.Config().set_ignored_paths(paths=[sig], ignore_git_paths=True)
            signing.Config().use_elliptic_key_signer(private_key=pathlib.Path(job["key"])).set_hashing_config(ignore).sign(model, sig)
        else:
            verifying.Config().use_elliptic_key_verifier(public_key=pathlib.Path(job["key"])).verify(model, sig)
        out.append("ok")
    except Exception as error:
        out.append(f"{type(error).__name__}: {error}")
print(json.dumps(out))
`;

function findPython(): string | undefined {
  for (const python of [join(import.meta.dirname, '../../.venv/bin/python'), 'python3'])
    try {
      execFileSync(python, ['-c', 'import model_signing'], { stdio: 'ignore' });
      return python;
    } catch {
      continue;
    }
  return undefined;
}

const python = findPython();
if (python === undefined)
  console.warn('SKIPPED: no python3 with the package model-signing 1.1.1; nothing was compared with the reference');

const work = mkdtempSync(join(tmpdir(), 'vallum-oms-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

function reference(jobs: readonly { readonly op: 'sign' | 'verify'; readonly dir: string; readonly key: string }[]) {
  const options = {
    input: JSON.stringify(jobs),
    encoding: 'utf8' as const,
    stdio: ['pipe', 'pipe', 'ignore'] as const,
  };
  const output = execFileSync(python ?? 'python3', ['-c', SCRIPT], { ...options, stdio: [...options.stdio] });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '[]') as string[];
}

const CURVES = ['P-256', 'P-384', 'P-521'] as const;
const keys = CURVES.map((namedCurve) => {
  const pair = generateKeyPairSync('ec', { namedCurve });
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  const files = { private: join(work, `${namedCurve}.pem`), public: join(work, `${namedCurve}.pub`) };
  writeFileSync(files.private, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(files.public, pair.publicKey.export({ type: 'spki', format: 'pem' }));
  return { ...pair, files, trusted: { keyid: sha256(spki), spki: spki.toString('base64') } };
});

const PARTS = [
  'a',
  'b.c',
  'b-c',
  'B',
  'model',
  'x y',
  'é',
  'e\u0301',
  '日本',
  '😀',
  'c:0:9',
  '..x',
  '-',
  '~',
  '#1',
  'a\\b',
  '"',
  'İ',
];

interface Tree {
  readonly dir: string;
  readonly files: readonly string[];
  readonly key: (typeof keys)[number];
}

function makeTree(index: number): Tree {
  const random = mulberry32(index);
  const dir = join(work, `t${index}`);
  const count = index % 25 === 0 ? 60 : 1 + Math.floor(random() * 12);
  const taken = new Set<string>();
  const files: string[] = [];
  while (files.length < count) {
    const depth = 1 + Math.floor(random() * (index % 10 === 0 ? 12 : 3));
    const parts = Array.from({ length: depth }, () => `${shuffle(PARTS, random)[0] ?? 'p'}${Math.floor(random() * 9)}`);
    const path = parts.join('/');
    const above = parts.map((_, i) => parts.slice(0, i + 1).join('/'));
    // A file cannot also be a directory.
    if (taken.has(path) || above.slice(0, -1).some((part) => files.includes(part))) continue;
    above.forEach((part) => taken.add(part));
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), Buffer.alloc(Math.floor(random() * 40) * (random() < 0.2 ? 0 : 1), index));
    files.push(path);
  }
  return { dir, files, key: keys[index % keys.length] as Tree['key'] };
}

const ours = async ({ dir, key }: Tree): Promise<string> => {
  const result = await verifyModel({ disk: nodeDisk, dir, trustedKeys: [key.trusted] });
  return result.status === 'refused' ? result.code : result.status;
};

const theirs = (trees: readonly Tree[], op: 'sign' | 'verify'): string[] =>
  reference(trees.map(({ dir, key }) => ({ op, dir, key: op === 'sign' ? key.files.private : key.files.public })));

/** One change to each folder: a byte more, a file less, a file more, or none. */
function change({ dir, files }: Tree, index: number): string {
  const victim = join(dir, files[index % files.length] as string);
  if (index % 4 === 0) appendFileSync(victim, 'x');
  else if (index % 4 === 1) rmSync(victim);
  else if (index % 4 === 2) writeFileSync(join(dir, 'new file'), '');
  else return 'valid';
  return 'files-differ';
}

describe.skipIf(python === undefined)('the reference implementation', () => {
  let trees: readonly Tree[];
  beforeAll(() => {
    trees = Array.from({ length: TREES }, (_, index) => makeTree(index));
  });

  async function bothAgree(): Promise<void> {
    expect((await Promise.all(trees.map(ours))).filter((status) => status !== 'valid')).toEqual([]);
    expect(theirs(trees, 'verify').filter((answer) => answer !== 'ok')).toEqual([]);
  }

  it(`verifies what we sign (${TREES} folders)`, async () => {
    for (const { dir, key } of trees) await signModel({ disk: nodeDisk, dir, key });
    await bothAgree();
  });

  it(`signs what we verify (${TREES} folders), and finds the same changes`, async () => {
    expect(theirs(trees, 'sign').filter((answer) => answer !== 'ok')).toEqual([]);
    await bothAgree();
    const wanted = trees.map(change);
    expect(await Promise.all(trees.map(ours))).toEqual(wanted);
    const answers = theirs(trees, 'verify');
    expect(answers.map((answer) => (answer === 'ok' ? 'valid' : 'files-differ'))).toEqual(wanted);
    expect(answers.filter((answer) => answer !== 'ok' && !answer.includes('Signature mismatch'))).toEqual([]);
  });
});
