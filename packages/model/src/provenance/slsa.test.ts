// What is built is what is read, under the names of the published specification, and anything ambiguous is refused.
import type { JsonObject, JsonValue, Statement } from '@vallum/core';
import { canonicalJson, isJsonObject, parseJsonStrict, sha256 } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildProvenance, readProvenance } from './slsa.js';
import { facts } from './testing/world.js';
import type { NamedDigest, TrainingProvenance } from './training.js';

const built = buildProvenance(facts);

/** The statement with one place changed; `undefined` takes it away. */
function changed(path: readonly (string | number)[], value: JsonValue | undefined): Statement {
  const copy = parseJsonStrict(canonicalJson(built as unknown as JsonValue)) as unknown as Statement;
  let at = copy.predicate as unknown as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

describe('the statement', () => {
  it('has the fields of SLSA provenance v1', () => {
    expect(built.predicateType).toBe('https://slsa.dev/provenance/v1');
    const { buildDefinition, runDetails } = built.predicate as Record<string, JsonObject>;
    expect(Object.keys(buildDefinition ?? {})).toEqual([
      'buildType',
      'externalParameters',
      'internalParameters',
      'resolvedDependencies',
    ]);
    expect(Object.keys(runDetails ?? {})).toEqual(['builder', 'metadata', 'byproducts']);
    expect(buildDefinition?.['externalParameters']).toEqual({
      workflow: { path: '.github/workflows/train.yml', ref: 'refs/heads/main' },
      seed: 7,
    });
    expect(buildDefinition?.['resolvedDependencies']).toContainEqual({
      name: 'source',
      digest: { gitCommit: 'b'.repeat(40) },
    });
    expect(runDetails?.['metadata']).toEqual({
      invocationId: 'urn:vallum:run:1',
      startedOn: '2026-05-01T10:00:00Z',
      finishedOn: '2026-05-01T11:00:00Z',
    });
  });

  it('carries the root of model signing beside the subject, never instead', () => {
    expect(built.subject).toEqual([facts.subject]);
    expect(JSON.stringify(built.predicate)).toContain(facts.omsRoot);
  });

  it('is not built of a fact that no reader would take, and whoever gave it is not sent to somebody else', () => {
    let fix: string | undefined = 'nothing was thrown';
    try {
      buildProvenance({ ...facts, workflow: 'train\u001b.yml' });
    } catch (error) {
      expect(error).toMatchObject({
        code: 'PROVENANCE_INVALID',
        message: expect.stringContaining('workflow') as string,
      });
      fix = (error as { fix?: string }).fix;
    }
    expect(fix).toBeUndefined();
  });

  it('is read back as it was built', () => {
    expect(readProvenance(built)).toEqual(facts);
    const { subject, builder, feeds, trained } = facts;
    const least: TrainingProvenance = { subject, builder, feeds, trained };
    expect(readProvenance(buildProvenance(least))).toEqual(least);
  });

  it('is read back for any names and digests', () => {
    const word = fc.stringMatching(/^[!-~]{1,20}$/);
    const digest = fc.string().map((text) => sha256(text));
    const named: fc.Arbitrary<NamedDigest> = fc.record({ name: word, sha256: digest, uri: word });
    const any = fc.record(
      {
        base: named,
        dataset: named,
        environment: named,
        container: named,
        code: digest,
        run: digest,
        omsRoot: digest,
        seed: fc.nat(),
        workflow: word,
        ref: word,
        feeds: fc.uniqueArray(named, { selector: ({ name }) => name, maxLength: 5 }),
      },
      { requiredKeys: ['feeds'] },
    );
    fc.assert(
      fc.property(any, (some) => {
        const { subject, builder, trained } = facts;
        const all = { subject, builder, trained, ...some };
        expect(readProvenance(buildProvenance(all))).toEqual(all);
      }),
    );
  });
});

describe('the reader', () => {
  const dependencies = ['buildDefinition', 'resolvedDependencies'] as const;
  const external = ['buildDefinition', 'externalParameters'] as const;
  const refused: readonly (readonly [string, readonly (string | number)[], JsonValue | undefined])[] = [
    ['no build definition', ['buildDefinition'], undefined],
    ['another build type', ['buildDefinition', 'buildType'], 'https://example.org/'],
    ['no external parameters', [...external], undefined],
    ['an external parameter that nobody understands', [...external, 'debug'], true],
    ['a workflow with a field that nobody understands', [...external, 'workflow', 'inputs'], {}],
    ['a workflow that is a list', [...external, 'workflow'], ['train.yml']],
    ['a seed that is a text', [...external, 'seed'], '7'],
    ['dependencies that are no list', [...dependencies], {}],
    ['a dependency twice', [...dependencies, 0], { name: 'feed/mails', digest: { sha256: sha256('x') } }],
    ['two base models', [...dependencies, 0], { name: 'base/other', digest: { sha256: sha256('x') } }],
    ['a dependency without a digest', [...dependencies, 0], { name: 'dataset/x', uri: 'https://example.org/' }],
    ['a digest in upper case', [...dependencies, 0, 'digest', 'sha256'], sha256('x').toUpperCase()],
    ['a commit that is a branch', [...dependencies, 4, 'digest', 'gitCommit'], 'main'],
    ['a name with a terminal escape', [...dependencies, 0, 'name'], 'dataset/\u001b[2J'],
    ['no builder', ['runDetails', 'builder'], undefined],
    ['a builder without an id', ['runDetails', 'builder', 'id'], ''],
    ['a builder with a right-to-left override', ['runDetails', 'builder', 'id'], 'https://\u202eexample.org'],
    ['a date that is none', ['runDetails', 'metadata', 'startedOn'], 'yesterday'],
    ['a version that is a number', ['runDetails', 'builder', 'version', 'vallum'], 1],
    ['more rows than can be counted', ['buildDefinition', 'internalParameters', 'trained', 'mails'], 1e300],
  ];
  it.each(refused)('refuses %s', (_, path, value) => {
    expect(() => readProvenance(changed(path, value))).toThrow(
      expect.objectContaining({ code: 'PROVENANCE_INVALID', errorClass: 'unproven' }),
    );
  });

  it('refuses a thousand dependencies and one', () => {
    const many = Array.from({ length: 1001 }, (_, i) => ({ name: `feed/${i}`, digest: { sha256: sha256('x') } }));
    expect(() => readProvenance(changed([...dependencies], many))).toThrow(/more than 1000/);
    expect(readProvenance(changed([...dependencies], many.slice(1)))?.feeds).toHaveLength(1000);
  });

  const ignored: readonly (readonly [string, readonly (string | number)[], JsonValue])[] = [
    ['a field of a later minor version', ['runDetails', 'extra'], {}],
    ['dependencies of the builder', ['runDetails', 'builder', 'builderDependencies'], []],
    ['an unset seed', [...external, 'seed'], null],
    ['unset metadata', ['runDetails', 'metadata', 'startedOn'], ''],
    ['a dependency of another producer', [...dependencies, 0], { uri: 'https://example.org/', annotations: {} }],
  ];
  it.each(ignored)('goes on with %s', (_, path, value) => {
    expect(readProvenance(changed(path, value))?.subject).toEqual(facts.subject);
  });

  it('leaves statements of other types alone', () => {
    expect(readProvenance({ ...built, predicateType: 'https://slsa.dev/provenance/v0.2' })).toBeUndefined();
  });

  it('throws only readable errors, whatever stands at whatever place', () => {
    const places: (readonly (string | number)[])[] = [];
    const walk = (value: unknown, path: readonly (string | number)[]): void => {
      if (path.length > 0) places.push(path);
      if (Array.isArray(value)) value.forEach((item, at) => walk(item, [...path, at]));
      else if (isJsonObject(value)) for (const key of Object.keys(value)) walk(value[key], [...path, key]);
    };
    walk(built.predicate, []);
    expect(places.length).toBeGreaterThan(40);
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), (path, value) => {
        try {
          readProvenance(changed(path, value as JsonValue));
        } catch (error) {
          expect(error).toMatchObject({ name: 'VallumError', code: 'PROVENANCE_INVALID' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});
