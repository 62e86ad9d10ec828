// `vallum gateway probe` at a bare model server that really serves: it fails, and where the project has a key for it, the ledger
// says so. Wrong use sends nothing.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Repository } from '../../examples/inference-server/src/repository.js';
import { inferenceServer } from '../../examples/inference-server/src/server.js';
import type { ProbeOptions } from '../../packages/cli/src/commands/gateway-probe.js';
import { gatewayProbeCommand } from '../../packages/cli/src/commands/gateway-probe.js';
import { fsckCommand } from '../../packages/cli/src/commands/ledger.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';

const DIGITS = join(
  dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
  'examples/inference-server/models/digits',
);

let folder: string;
let server: Server;
let url: string;
let asked = 0;
let project: TinyProject;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vallum-probe-'));
  cpSync(DIGITS, join(folder, 'models/digits'), { recursive: true });
  server = inferenceServer(new Repository(join(folder, 'models')));
  server.on('connection', () => (asked += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  project = await makeTinyProject();
});
afterAll(async () => {
  project.remove();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  rmSync(folder, { recursive: true });
});

const options: ProbeOptions = { model: 'digits', protocol: 'oip', rate: '200', authorised: true };

interface Shown {
  readonly outcome: string;
  readonly checks: readonly { readonly id: string; readonly verdict: string; readonly came: string }[];
  readonly evidence: { readonly kind: string; readonly id?: string; readonly why?: string };
}

describe('vallum gateway probe', () => {
  it('a bare server fails, and the ledger has it', async () => {
    const io = project.io('runner');
    const answer = await gatewayProbeCommand(io, url, { ...options, quota: '40' });
    const { outcome, checks, evidence } = answer.json as Shown;
    expect([answer.exit, outcome, evidence.kind]).toEqual([1, 'fail', 'statement']);
    const failed = checks.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
    expect(failed).toEqual(
      expect.arrayContaining([
        'anonymous.infer',
        'anonymous.metadata',
        'credential.forged',
        'quota.burst',
        'size.declared',
        'size.endless',
        'schema.pickle',
        'admin.triton POST /v2/repository/index',
        'admin.triton POST /v2/repository/models/vallum-probe-absent/load',
        'admin.metrics GET /metrics',
        'path.dots',
        'path.encoded-dots',
        'path.double-slash',
        'leak.node-stack',
      ]),
    );
    // What it does refuse is told as refused: Node reads HTTP strictly, and the model is not there.
    const passed = checks.filter(({ verdict }) => verdict === 'pass').map(({ id }) => id);
    expect(passed).toEqual(expect.arrayContaining(['model.unknown', 'framing.CL.TE', 'framing.TE.CL', 'schema.cut']));
    expect(answer.text).toContain(`Evidence ${evidence.id?.slice(0, 12)}`);
    expect((await fsckCommand(io)).exit).toBe(0);
  });

  it.each<[string, string | undefined, Partial<ProbeOptions>, string]>([
    ['without leave', undefined, { authorised: false }, 'PROBE_AUTHORISED'],
    ['at a host that nobody named', 'http://192.0.2.1:1', {}, 'PROBE_HOST'],
    ['at a path', 'http://127.0.0.1:1/v2', {}, 'PROBE_URL'],
    ['with a quota beyond the bound', undefined, { quota: '2001' }, 'PROBE_OPTION'],
    ['with a rate that is none', undefined, { rate: '0' }, 'PROBE_OPTION'],
    ['with a path that breaks the line', undefined, { path: '/a b' }, 'PROBE_OPTION'],
    ['with a key file that holds none', undefined, { keyFile: 'two-words' }, 'PROBE_KEY'],
  ])('%s sends nothing', async (_, at, change, code) => {
    const before = asked;
    const keyFile = join(folder, 'two-words');
    writeFileSync(keyFile, 'a key\n');
    const given = { ...options, ...change, ...(change.keyFile === undefined ? {} : { keyFile }) };
    const refused = gatewayProbeCommand(project.io('runner'), at ?? url, given);
    await expect(refused).rejects.toMatchObject({ code, errorClass: 'usage' });
    expect(asked).toBe(before);
  });

  it('what is gone is not clear, and no evidence where there is no project', async () => {
    const io = { ...project.io('runner'), folder };
    const answer = await gatewayProbeCommand(io, 'http://127.0.0.1:9', options);
    const { outcome, evidence } = answer.json as Shown;
    expect([answer.exit, outcome, evidence.kind]).toEqual([2, 'inconclusive', 'none']);
    expect(evidence.why).toContain('vallum.yaml');
  });
});
