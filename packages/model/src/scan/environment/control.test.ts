// dep.scan as a control: each rule with a clean twin, what makes it inconclusive, what makes evidence stale.
import { nodeDisk } from '@vallum/core';
import type { ControlResult, Planned } from '@vallum/core';
import { writeEnvironment } from '@vallum/formats';
import { afterEach, describe, expect, it } from 'vitest';
import { captureEnvironment } from './capture.js';
import { planDepScan } from './control.js';
import type { Files, Folder } from './testing/folder.js';
import { below, installed, makeFolder, rulesIn, runOf } from './testing/folder.js';

const folders: Folder[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

const HASH = `--hash=sha256:${'a'.repeat(64)}`;
const COMMIT = 'b'.repeat(40);
const CLEAN = `numpy==1.26.4 ${HASH}\n`;
const advisory = (name: string, change: object = {}): string =>
  JSON.stringify({
    id: `TEST-${name}`,
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N' }],
    affected: [
      {
        package: { ecosystem: 'PyPI', name },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.26.5' }] }],
      },
    ],
    ...change,
  });
const OTHER = advisory('something-else');

function folderWith(files: Files): string {
  const folder = makeFolder(files);
  folders.push(folder);
  return folder.root;
}

const planned = (files: Files, environment: readonly string[] = ['lock.txt'], advisories = true): Promise<Planned> =>
  planDepScan({
    disk: nodeDisk,
    root: folderWith({ 'advisories/other.json': OTHER, ...files }),
    environment,
    ...(advisories ? { advisories: 'advisories' } : {}),
    subjectName: 'x-environment@v1',
  });
const scanned = async (lock: string, files: Files = {}): Promise<ControlResult> =>
  runOf(await planned({ 'lock.txt': lock, ...files }));

describe('dep.scan', () => {
  it('passes a hashed lock with a list of advisories that do not speak about it', async () => {
    expect(await scanned(CLEAN)).toMatchObject({
      outcome: 'pass',
      findings: [],
      coverage: { examined: { files: 1, rows: 1 }, notExamined: [] },
    });
  });

  it.each([
    ['no hash', 'numpy==1.26.4', ['VLM-DEP-001']],
    ['a hash that can be forged', `numpy==1.26.4 --hash=md5:${'a'.repeat(32)}`, ['VLM-DEP-002']],
    ['no exact version', `numpy>=1.26 ${HASH}`, ['VLM-DEP-003']],
    ['a second index', `--extra-index-url https://own.example/simple\nnumpy==1.26.4`, ['VLM-DEP-001', 'VLM-DEP-004']],
    ['an open index', `-i http://pypi.org/simple\n${CLEAN}`, ['VLM-DEP-005']],
    ['a trusted host', `--trusted-host own.example\n${CLEAN}`, ['VLM-DEP-005']],
    ['a known index', `-i https://pypi.org/simple\n${CLEAN}`, []],
    ['an unknown index', `-i https://own.example/simple\n${CLEAN}`, ['VLM-DEP-009']],
    ['a repository without a commit', 'x @ git+https://git.example/x.git@main', ['VLM-DEP-006']],
    ['a repository with a commit', `x @ git+https://git.example/x.git@${COMMIT}`, []],
    ['an open repository', `x @ git+http://git.example/x.git@${COMMIT}`, ['VLM-DEP-005']],
    ['an address without a hash', 'x @ https://files.example/x.whl', ['VLM-DEP-007']],
    ['an address with a hash', `x @ https://files.example/x.whl#sha256=${'a'.repeat(64)}`, []],
    ['a folder', '-e ./src', ['VLM-DEP-008']],
    ['a look-alike', `nunpy==1.0 ${HASH}`, ['VLM-DEP-019']],
  ])('finds %s', async (_, lock, rules) => {
    expect(rulesIn(await scanned(lock))).toEqual(rules);
  });

  it('fails only from the gate on', async () => {
    expect(await scanned(`-i https://own.example/simple\n${CLEAN}`)).toMatchObject({ outcome: 'pass' });
    expect(await scanned('numpy==1.26.4')).toMatchObject({ outcome: 'fail', reason: { code: 'findings' } });
  });

  it('gives a second index less weight where every package is pinned by hash', async () => {
    const { findings } = await scanned(`--extra-index-url https://own.example/simple\n${CLEAN}`);
    expect(findings).toMatchObject([{ rule: 'VLM-DEP-004', severity: 'medium' }]);
  });

  it('says one sentence for many packages, and no password of an address', async () => {
    const many = Array.from({ length: 500 }, (_, at) => `pkg${at}==1`).join('\n');
    const { findings } = await scanned(`--extra-index-url https://me:hunter22@own.example/simple\n${many}`);
    expect(findings.filter(({ rule }) => rule === 'VLM-DEP-001')).toHaveLength(1);
    expect(JSON.stringify(findings)).toMatch(/and 492 more/);
    expect(JSON.stringify(findings)).not.toContain('hunter22');
  });

  it('names the withdrawn release in the report of pip', async () => {
    const report = {
      version: '1',
      install: [
        {
          is_yanked: true,
          download_info: { url: 'https://h/a.whl', archive_info: { hashes: { sha256: 'a'.repeat(64) } } },
          metadata: { name: 'a', version: '1' },
        },
      ],
    };
    expect(rulesIn(await scanned(JSON.stringify(report)))).toEqual(['VLM-DEP-022']);
  });

  describe('advisories', () => {
    const withList = (list: Files, lock = CLEAN): Promise<ControlResult> => scanned(lock, below('advisories', list));

    it('are found by name and version, with their severity', async () => {
      const result = await withList({ 'a.json': advisory('NumPy', { aliases: ['CVE-2024-10002'] }) });
      expect(result).toMatchObject({
        outcome: 'fail',
        findings: [
          { rule: 'VLM-DEP-020', severity: 'high', cve: ['CVE-2024-10002'], location: { file: 'lock.txt', line: 1 } },
        ],
      });
      expect(result.findings[0]?.message).toMatch(/numpy 1\.26\.4 \(TEST-NumPy\); fixed in 1\.26\.5/);
    });

    it.each([
      ['a repaired version', `numpy==1.26.5 ${HASH}`, {}, []],
      ['a withdrawn advisory', CLEAN, { withdrawn: '2024-01-01T00:00:00Z' }, []],
      ['a mild one', CLEAN, { severity: [], database_specific: { severity: 'LOW' } }, ['low']],
      ['one of unknown severity', CLEAN, { severity: [] }, ['high']],
      ['one that is exploited', CLEAN, { database_specific: { known_exploited: true } }, ['critical']],
    ])('%s', async (_, lock, change, severities) => {
      const { findings } = await withList({ 'a.json': advisory('numpy', change) }, lock);
      expect(findings.map(({ severity }) => severity)).toEqual(severities);
    });

    it('under two names are one finding', async () => {
      const twin = advisory('numpy', { id: 'PYSEC-1', aliases: ['TEST-numpy'], severity: [] });
      const { findings } = await withList({ 'a.jsonl': `${advisory('numpy')}\n${twin}\n` });
      expect(findings).toHaveLength(1);
    });

    it('that cannot be read leave it open', async () => {
      const broken = await withList({ 'a.json': '{' });
      expect(broken).toMatchObject({ outcome: 'inconclusive', reason: { code: 'not-examined' } });
      const unsure = await withList({ 'a.json': advisory('x') }, `x @ git+https://git.example/x.git@${COMMIT}`);
      expect(unsure).toMatchObject({ outcome: 'inconclusive' });
    });

    it('are looked at in a conda environment by name, which the coverage says', async () => {
      const text = `@EXPLICIT\nhttps://conda.anaconda.org/conda-forge/linux-64/numpy-1.26.4-py311_0.conda#sha256:${'a'.repeat(64)}\n`;
      const result = await withList({ 'a.json': advisory('numpy') }, text);
      expect(rulesIn(result)).toEqual(['VLM-DEP-020']);
      expect(result.coverage.notExamined[0]?.what).toMatch(/1 conda packages/);
    });

    it('missing, it is inconclusive for that reason alone', async () => {
      const result = await runOf(await planned({ 'lock.txt': CLEAN }, ['lock.txt'], false));
      expect(result).toMatchObject({ outcome: 'inconclusive', reason: { code: 'no-advisories' } });
      const failing = await runOf(await planned({ 'lock.txt': 'numpy==1' }, ['lock.txt'], false));
      expect(failing).toMatchObject({ outcome: 'fail' });
    });
  });

  it.each([
    ['an empty capture', '# nothing\n', /names no package/],
    ['a capture that is broken', '{"installed": 1', /not read/],
    ['a line that is none', `${CLEAN}$(curl example.org)\n`, /not read/],
    ['another file that nobody declared', `-r other.txt\n${CLEAN}`, /does not declare/],
  ])('is inconclusive for %s', async (_, lock, message) => {
    const result = await scanned(lock);
    expect(result.outcome).toBe('inconclusive');
    expect(result.reason?.message).toMatch(message);
  });

  it.each([
    ['-c https://me:hunter22@own.example/c.txt', /https:\/\/me:\*{3}@own\.example\/c\.txt, which is fetched/],
    ['-r /lock.txt', /names \/lock\.txt, which is no file of the project/],
    ['-r ${HOME}', /no file of the project/],
    ['--extra-index x -r lock', /names lock, which vallum\.yaml does not declare/],
  ])('tells the file that %s names', async (line, message) => {
    const result = await scanned(`${line}\n${CLEAN}`);
    const why = JSON.stringify(result.coverage.notExamined);
    expect(why).toMatch(message);
    expect(why).not.toContain('hunter22');
  });

  it('says that it does not tell everything that it did not examine', async () => {
    const { coverage } = await scanned(`${'?\n'.repeat(150)}${CLEAN}`);
    expect(coverage.notExamined).toHaveLength(101);
    expect(coverage.notExamined.at(-1)?.what).toBe('50 more');
  });

  it('reads several captures together', async () => {
    const files = { 'lock.txt': `-r more.txt\n${CLEAN}`, 'more.txt': `six==1.16.0 ${HASH}\n` };
    expect(await runOf(await planned(files, ['lock.txt', 'more.txt']))).toMatchObject({ outcome: 'pass' });
  });

  it('reads a site-packages folder, and a capture of one', async () => {
    const site = installed('vallum_sample', '1.0', { 'tool.py': 'x = 1\n' });
    const clean = await runOf(await planned(below('site', site), ['site']));
    expect(clean).toMatchObject({ outcome: 'pass', coverage: { examined: { rows: 1 } } });
    const changed = { ...below('site', site), 'site/tool.py': 'x = 2\n' };
    expect(rulesIn(await runOf(await planned(changed, ['site'])))).toEqual(['VLM-DEP-013']);
    const root = folderWith(changed);
    const { environment } = await captureEnvironment(nodeDisk, `${root}/site`, new AbortController().signal);
    expect(await scanned(writeEnvironment(environment))).toMatchObject({ outcome: 'inconclusive' });
  });

  it('speaks about the environment; another list, capture or rule makes it stale', async () => {
    const first = await planned({ 'lock.txt': CLEAN });
    const list = await planned({ 'lock.txt': CLEAN, 'advisories/new.json': advisory('y') });
    const lock = await planned({ 'lock.txt': `${CLEAN}\n` });
    if (!('run' in first && 'run' in list && 'run' in lock)) throw new Error('blocked');
    expect(first.subject.name).toBe('x-environment@v1');
    expect(list.subject).toEqual(first.subject);
    expect(list.inputs).not.toEqual(first.inputs);
    expect(lock.subject).not.toEqual(first.subject);
    const none = await planned({ 'lock.txt': CLEAN }, ['lock.txt'], false);
    expect('inputs' in none && none.inputs.at(-1)).toEqual({ name: 'advisories', absent: true });
  });

  it('is blocked where a file is missing, and open where one changes after planning', async () => {
    expect(await planned({}, ['gone.txt'])).toMatchObject({ blocked: { code: 'ENVIRONMENT_MISSING' } });
    expect(
      await planDepScan({
        disk: nodeDisk,
        root: folderWith({ a: CLEAN }),
        environment: ['a'],
        advisories: 'no',
        subjectName: 'x',
      }),
    ).toMatchObject({ blocked: { code: 'ADVISORIES_MISSING' } });
    const task = await planned({ 'lock.txt': CLEAN });
    folders.at(-1)?.write({ 'lock.txt': `evil==1 ${HASH}\n` });
    expect(await runOf(task)).toMatchObject({ outcome: 'inconclusive', reason: { message: /changed/ } });
  });
});
