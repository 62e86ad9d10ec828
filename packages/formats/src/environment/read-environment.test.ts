// Captures of real tools (testing/captures.json), and by hand what only other tools write.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fragmentHash, isCommit, located, normalHash, normalName } from './environment.js';
import type { Environment } from './environment.js';
import { writeEnvironment } from './normal-form.js';
import { readEnvironment } from './read-environment.js';

const CAPTURES = JSON.parse(readFileSync(new URL('./testing/captures.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, string>
>;
const captured = (name: string): Environment => readEnvironment(name, Buffer.from(CAPTURES[name] ?? ''));
const read = (name: string, text: string | object): Environment =>
  readEnvironment(name, Buffer.from(typeof text === 'string' ? text : JSON.stringify(text)));

const SHA = 'a'.repeat(64);
const COMMIT = 'b'.repeat(40);

describe('captures of real tools', () => {
  it.each([
    ['uv.lock', 'uv.lock', 2, 2],
    ['pylock.toml', 'pylock.toml', 2, 2],
    ['requirements.txt', 'requirements', 2, 2],
    ['freeze.txt', 'requirements', 36, 0],
    ['list.json', 'pip list', 38, 0],
    ['inspect.json', 'pip inspect', 5, 0],
    ['report.json', 'pip report', 1, 1],
  ])('%s', (name, format, count, hashed) => {
    const environment = captured(name);
    expect(environment).toMatchObject({ format, notes: [] });
    expect(environment.packages).toHaveLength(count);
    expect(environment.packages.every(({ exact, version }) => exact && version !== undefined)).toBe(true);
    expect(environment.packages.filter(({ hashes }) => hashes.length > 0)).toHaveLength(hashed);
  });

  it('name the same packages in every form of one lock', () => {
    const names = (name: string): readonly string[] =>
      captured(name).packages.map((one) => `${one.name} ${one.version ?? ''} ${[...one.hashes].sort().join()}`);
    expect(names('pylock.toml')).toEqual(names('uv.lock'));
    expect(names('requirements.txt')).toEqual(names('uv.lock'));
  });
});

describe('readEnvironment', () => {
  it('reads Pipfile.lock: sources, groups, hashes, repositories', () => {
    const environment = read('Pipfile.lock', {
      _meta: {
        sources: [
          { name: 'pypi', url: 'https://pypi.org/simple', verify_ssl: true },
          { name: 'own', url: 'https://own.example/simple', verify_ssl: false },
        ],
      },
      default: {
        Foo_Bar: { version: '==1.2', hashes: [`sha256:${SHA}`], index: 'own' },
        tool: { git: 'https://git.example/tool.git', ref: COMMIT },
      },
      develop: { local: { path: './local', editable: true } },
    });
    expect(environment.packages).toMatchObject([
      { name: 'foo-bar', version: '1.2', exact: true, index: 'https://own.example/simple', hashes: [`sha256:${SHA}`] },
      { name: 'tool', source: 'vcs', commit: COMMIT },
      { name: 'local', source: 'path', location: './local' },
    ]);
    expect(environment.indexes.map(({ role }) => role)).toEqual(['first', 'extra', 'trusted']);
  });

  it('reads poetry.lock, of old and new, and pdm.lock', () => {
    const old = `[[package]]\nname = "a"\nversion = "1"\n[[package]]\nname = "b"\nversion = "2"\n[package.source]\ntype = "git"\nurl = "https://git.example/b.git"\nresolved_reference = "${COMMIT}"\n[metadata.files]\na = [{file = "a.whl", hash = "sha256:${SHA}"}]\n`;
    expect(read('poetry.lock', old).packages).toMatchObject([
      { name: 'a', source: 'index', hashes: [`sha256:${SHA}`] },
      { name: 'b', source: 'vcs', commit: COMMIT },
    ]);
    const now = `[[package]]\nname = "a"\nversion = "1"\nfiles = [{file = "a.whl", hash = "sha256:${SHA}"}]\n[package.source]\ntype = "legacy"\nurl = "https://own.example/simple"\nreference = "own"\n`;
    expect(read('poetry.lock', now)).toMatchObject({
      packages: [{ hashes: [`sha256:${SHA}`], index: 'https://own.example/simple' }],
      indexes: [{ role: 'first' }],
    });
    const pdm = `[[package]]\nname = "a"\nversion = "1"\ngit = "https://git.example/a.git"\nrevision = "${COMMIT}"\n`;
    expect(read('pdm.lock', pdm).packages).toMatchObject([{ source: 'vcs', commit: COMMIT }]);
  });

  it('reads conda: environment.yml, explicit lists, conda-lock.yml', () => {
    const yml = `name: x\nchannels: [conda-forge, defaults]\ndependencies:\n  - python=3.11.4=h1234_0\n  - numpy=1.26\n  - own::tool==2.0\n  - scipy>=1\n  - pip:\n    - six==1.16.0\n    - --extra-index-url https://own.example/simple\n`;
    expect(read('environment.yml', yml)).toMatchObject({
      packages: [
        { name: 'python', version: '3.11.4', exact: true, ecosystem: 'conda' },
        { name: 'numpy', version: '1.26', exact: false },
        { name: 'tool', version: '2.0', exact: true, index: 'conda:own' },
        { name: 'scipy', exact: false },
        { name: 'six', ecosystem: 'pypi', exact: true },
      ],
      indexes: [{ role: 'first' }, { role: 'extra', url: 'conda:defaults' }, { role: 'extra' }],
      notes: [],
    });
    const explicit = `# made by conda\n@EXPLICIT\nhttps://conda.anaconda.org/conda-forge/linux-64/numpy-base-1.26.4-py311_0.conda#${'c'.repeat(32)}\nhttps://x.example/y-1-0.tar.bz2#sha256:${SHA}\nwhat is this\n`;
    expect(read('linux-64.lock', explicit)).toMatchObject({
      packages: [
        { name: 'numpy-base', version: '1.26.4', hashes: [`md5:${'c'.repeat(32)}`], line: 3 },
        { name: 'y', version: '1', hashes: [`sha256:${SHA}`] },
      ],
      notes: [{ code: 'unread', line: 5 }],
    });
    const lock = `version: 1\npackage:\n  - name: Six\n    version: 1.16.0\n    manager: pip\n    url: https://files.example/six.whl\n    hash: {sha256: ${SHA}}\n  - name: xz\n    version: "5.2"\n    manager: conda\n    url: https://conda.anaconda.org/conda-forge/xz.conda\n    hash: {md5: ${'d'.repeat(32)}, sha256: ${SHA}}\n`;
    expect(read('conda-lock.yml', lock).packages).toMatchObject([
      { name: 'six', ecosystem: 'pypi', hashes: [`sha256:${SHA}`] },
      { name: 'xz', ecosystem: 'conda', hashes: [`md5:${'d'.repeat(32)}`, `sha256:${SHA}`] },
    ]);
  });

  it('reads what requirements name beside the index', () => {
    const text = [
      `-e git+https://git.example/a.git@${COMMIT}#egg=a`,
      'b @ git+ssh://git@git.example/b.git@main',
      `https://files.example/c_d-1.2-py3-none-any.whl#sha256=${SHA}`,
      '-e ./local',
      'file:///tmp/e.tar.gz',
      '-r other.txt',
      '--trusted-host own.example',
      '-f https://links.example/',
      '$(curl example.org)',
    ].join('\n');
    expect(read('requirements.txt', text)).toMatchObject({
      packages: [
        { name: 'a', source: 'vcs', commit: COMMIT },
        { name: 'b', source: 'vcs' },
        { name: 'c-d', version: '1.2', source: 'url', hashes: [`sha256:${SHA}`] },
        { name: 'local', source: 'path' },
        { source: 'path' },
      ],
      indexes: [{ role: 'trusted' }, { role: 'links' }],
      notes: [{ code: 'refers' }, { code: 'unread' }],
    });
    expect(read('requirements.txt', text).packages[1]?.commit).toBeUndefined();
  });

  it.each([
    ['x.json', '{'],
    ['x.json', '5'],
    ['x.json', '{"a":1}'],
    ['x.json', '[{"name":"a"}]'],
    ['x.json', '{"a":1,"a":2}'],
    ['environment.yml', 'a: [1'],
    ['environment.yml', '- a'],
    ['environment.yml', 'dependencies:\n  - pip: x\n'],
    ['poetry.lock', '[[package]]\nname = "a\n'],
    ['poetry.lock', '[[package]]\nversion = "1"\n'],
    ['requirements.txt', '\u0000\u0001'],
    ['requirements.txt', 'a==1\n'.repeat(20_001)],
    ['requirements.txt', `a==1\n${Array.from({ length: 1_001 }, (_, at) => `-r ${at}`).join('\n')}\n?`],
    ['environment.yml', `dependencies:\n  - ${'a'.repeat(1_001)}\n`],
    ['Pipfile.lock', '{"_meta":{},"default":{"a":{"version":"==1","hashes":["sha256:zz"]}}}'],
  ])('says that it did not read all of %s %j', (name, text) => {
    expect(read(name, text).notes[0]?.code).toBe('unread');
  });

  it('says so for bytes that are no UTF-8, and for too many', () => {
    expect(readEnvironment('a', Buffer.from('ff', 'hex')).notes[0]?.text).toMatch(/UTF-8/);
    expect(readEnvironment('a', Buffer.alloc(32 * 1024 * 1024 + 1)).notes[0]?.text).toMatch(/more than/);
  });

  it('writes a form that it reads back', () => {
    for (const name of Object.keys(CAPTURES).filter((one) => one !== 'about')) {
      const environment = captured(name);
      const lines = environment.packages.map(({ line: _line, ...rest }) => rest);
      expect(read('environment.json', writeEnvironment(environment)).packages).toEqual(lines);
    }
  });

  it('answers for any text under any name', () => {
    const piece = fc.constantFrom(
      'a==1',
      '\n',
      '[[package]]',
      'name = "a"',
      '{"installed":[',
      '{"_meta":{}',
      ']}',
      '@EXPLICIT\n',
      'https://h/a-1-0.conda#',
      '--hash=sha256:',
      SHA,
      '-e ',
      'git+https://h/x@',
      'dependencies:\n - ',
      'package:\n - {name: a}',
      '\\\n',
      '@ ',
      '#',
      '{}',
      ' ',
    );
    const name = fc.constantFrom('a.txt', 'a.json', 'uv.lock', 'environment.yml', 'pylock.toml', 'Pipfile.lock');
    fc.assert(
      fc.property(name, fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 6 }))), (file, parts) => {
        const environment = read(file, parts.join(''));
        for (const { name: own, ecosystem, hashes } of environment.packages) {
          if (ecosystem === 'pypi') expect(own).toBe(normalName(own));
          expect(hashes.every((hash) => /^[a-z0-9]+:[0-9a-f]{32,128}$/.test(hash))).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the words of a capture', () => {
  it('normalise names and hashes', () => {
    expect(normalName('Foo._-Bar')).toBe('foo-bar');
    expect(normalHash(`SHA256=${SHA.toUpperCase()}`)).toBe(`sha256:${SHA}`);
    expect(normalHash(`sha256:${'a'.repeat(63)}`)).toBeUndefined();
    expect(normalHash(`sha512:${SHA}`)).toBeUndefined();
    expect(fragmentHash(`https://h/x#egg=y&sha256=${SHA}`)).toBe(`sha256:${SHA}`);
    expect(fragmentHash(SHA)).toBeUndefined();
  });

  it('take only a whole commit for one', () => {
    expect(isCommit(COMMIT)).toBe(true);
    expect(isCommit('main')).toBe(false);
    expect(located(`git+ssh://git@h/x.git@${COMMIT}#egg=y`)).toMatchObject({ source: 'vcs', commit: COMMIT });
    expect(located('git+ssh://git@h/x.git').commit).toBeUndefined();
    expect(located(`git+https://h/x.git#egg=y@${COMMIT}`).commit).toBeUndefined();
    expect(located(`git+https://h/x.git?x@${COMMIT}`).commit).toBeUndefined();
    expect(located('git+https://h/x.git@v1.0').commit).toBeUndefined();
    expect(located('https://h/x.zip').source).toBe('url');
    expect(located('../x').source).toBe('path');
  });
});
