// Key programs that answer, lie, hang, shout, die and refuse; each is a small script run by this very Node.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { VallumError } from '@vallum/core';
import { openObject } from '../format/open.js';
import { plain, sealedDisk } from '../format/testing/sealed.js';
import { printable, statusAnswer, unwrapAnswer, wrapAnswer } from './exec-protocol.js';
import { execProvider } from './exec-provider.js';
import type { KeyProvider } from './provider.js';

const folder = mkdtempSync(join(tmpdir(), 'vallum-exec-'));
afterAll(() => rmSync(folder, { recursive: true }));

const READ = `let text = ''; for await (const part of process.stdin) text += part; const request = JSON.parse(text);
const answer = (members) => console.log(JSON.stringify({ schema: 'vallum/key-exec/v1', ...members }));`;
/** Turns every byte over: enough for a test, and nothing else. */
const FLIP = `const flip = (base64) => Buffer.from(base64, 'base64').map((byte) => byte ^ 0xff).toString('base64');`;
const HONEST = `${READ} ${FLIP}
if (request.op === 'wrap') answer({ kek: 'flip-1', wrapped: flip(request.key) });
if (request.op === 'unwrap') answer({ key: flip(request.wrapped) });
if (request.op === 'status') answer({ active: 'flip-1', retired: ['flip-0'] });`;

let scripts = 0;
function program(source: string, more: { env?: Record<string, string>; timeoutMs?: number } = {}): KeyProvider {
  const path = join(folder, `${(scripts += 1)}.mjs`);
  writeFileSync(path, source);
  return execProvider({ command: [process.execPath, path], env: {}, ...more });
}

describe('a key program', () => {
  it('seals and opens an object', async () => {
    const keys = program(HONEST);
    expect(await keys.status()).toEqual({ active: 'flip-1', retired: ['flip-0'] });
    const disk = await sealedDisk(plain(100), { keys });
    const reader = await openObject({ disk, path: '/v/mails', keys });
    expect(reader.kek).toBe('flip-1');
    expect(Buffer.from(await reader.read(0, 100))).toEqual(plain(100));
  });

  it('is told the context and sees no variable but those given', async () => {
    const said = `${READ} answer({ error: Buffer.from(request.context ?? '', 'base64') + ' ' + Object.keys(process.env).sort() });`;
    const keys = program(said, { env: { A: '1', B: '2' } });
    await expect(keys.wrap(Buffer.alloc(32), Buffer.from('what for'))).rejects.toThrow(/refuses: what for A,B$/);
  });

  it('runs in the root folder, wherever the command was called', async () => {
    const said = `${READ} answer({ error: process.cwd() });`;
    await expect(program(said).status()).rejects.toThrow(/refuses: \/$/);
  });

  it.each([
    ['gives no JSON', `console.log('hello')`],
    ['gives two answers', `${READ} answer({ key: 'AA==' }); answer({ key: 'AA==' });`],
    ['gives a key of another size', `${READ} answer({ key: 'AA==' });`],
    ['gives a member more', `${READ} answer({ key: Buffer.alloc(32).toString('base64'), note: 1 });`],
    ['speaks another schema', `console.log(JSON.stringify({ schema: 'x', key: '' }))`],
    ['says nothing', ``],
    ['fails without a word', `process.exit(3)`],
    ['ends before it reads', `process.stdin.destroy(); process.exit(3);`],
    ['kills itself', `process.kill(process.pid, 'SIGKILL')`],
  ])('that %s is refused', async (_, source) => {
    const asked = program(source).unwrap({ kek: 'k', wrapped: Buffer.alloc(32) }, Buffer.alloc(100_000));
    await expect(asked).rejects.toMatchObject({ code: 'VAULT_EXEC' });
  });

  it('that hangs is ended with what it has started', async () => {
    const child = `import('node:child_process').then(({ spawn }) => spawn('sleep', ['60'], { stdio: 'inherit' }))`;
    const started = performance.now();
    const asked = program(`${child}; setInterval(() => undefined, 1000);`, {
      timeoutMs: 500,
      env: { PATH: '/usr/bin:/bin' },
    }).status();
    await expect(asked).rejects.toThrow(/did not answer within 0.5 s/);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('that never stops talking is ended', async () => {
    const loud = `const more = () => process.stdout.write('x'.repeat(65536), more); more();`;
    await expect(program(loud).status()).rejects.toThrow(/more than 65536 bytes/);
  });

  it('may complain, in one printable line', async () => {
    const rude = `console.error('\\x1b[31mno token\\n\\x07in slot 0'); process.exit(1);`;
    await expect(program(rude).status()).rejects.toThrow(/code 1 and no answer; \[31mno token in slot 0$/);
    expect(printable(`a\u202e\u2028b${'c'.repeat(999)}`)).toMatch(/^a bc{397}\.\.\.$/);
  });

  it('that is not there is named', async () => {
    const keys = execProvider({ command: ['/no/such/program'], env: {} });
    await expect(keys.status()).rejects.toThrow(/exec:\/no\/such\/program failed: .*ENOENT/);
  });

  it('is not believed, whatever it answers', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        for (const read of [wrapAnswer, unwrapAnswer, statusAnswer])
          expect(() => read(Buffer.from(text), 'p')).toThrow(VallumError);
      }),
    );
  });
});
