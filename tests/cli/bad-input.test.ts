// Bad input: one table of condition, command line, exit code and first line, run with the real program. Every row is run
// again with --format json. Whatever is wrong, there is a sentence and a way out, and never a stack trace.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Io } from '../../packages/cli/src/answer.js';
import { release } from '../support/release.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';
import type { Base, Row } from './bad-input/row.js';
import { BAD_INPUT } from './bad-input/table.js';
import type { Person, Place, Ran } from './command.js';
import { copyOf, TRACE } from './command.js';

const bases = new Map<Base, TinyProject>();

beforeAll(async () => {
  const [fresh, released, dated] = [await makeTinyProject(), await makeTinyProject(), await makeTinyProject()];
  await release(released);
  const TWO_DAYS_MS = 2 * 24 * 3600 * 1000;
  const later = (io: Io): Io => ({ ...io, clock: () => new Date(Date.now() + TWO_DAYS_MS) });
  await release({ ...dated, io: (person) => later(dated.io(person)) });
  bases.set('fresh', fresh).set('released', released).set('dated after now', dated);
});
afterAll(() => {
  for (const project of bases.values()) project.remove();
});

async function runRow(
  { on, spoil, as = 'runner' }: Row,
  run: (place: Place, person: Person) => Promise<Ran>,
): Promise<Ran> {
  const base = bases.get(on);
  if (base === undefined) throw new Error(`no project is ${on}`);
  const place = copyOf(base);
  try {
    const undo = await spoil?.(place);
    try {
      return await run(place, as);
    } finally {
      if (typeof undo === 'function') await undo();
    }
  } finally {
    place.remove();
  }
}

const where = ({ cwd }: Row, place: Place): string => cwd?.(place) ?? place.project;

const lines = (text: string): readonly string[] => text.split('\n');

/** `vallum: SENTENCE [CODE]` on stderr, with what to do below it. */
const ERROR = /^vallum: (.+) \[([A-Z0-9_]+)\]$/;

function expectWayOut(text: string): void {
  expect(text).toMatch(/^ *fix: \S.{5,}$/m);
}

describe.concurrent('bad input', () => {
  test.each(BAD_INPUT)('$condition: vallum $args', async (row) => {
    const ran = await runRow(row, (place, person) => place.as(person, row.args, { cwd: where(row, place) }));
    expect(ran.stdout + ran.stderr).not.toMatch(TRACE);
    const isError = ERROR.test(row.first);
    const [said, silent] = isError ? [ran.stderr, ran.stdout] : [ran.stdout, ran.stderr];
    expect([ran.exit, lines(said)[0], silent]).toEqual([row.exit, row.first, '']);
    for (const part of row.also ?? []) expect(said).toContain(part);
    expectWayOut(said);
  });
});

// In this process, one after the other: a hundred starts of Node would double the time of the table.
describe('bad input, as JSON', () => {
  test.each(BAD_INPUT)('$condition: vallum $args', async (row) => {
    const ran = await runRow(row, (place, person) =>
      place.inProcess(person, [...row.args, '--format', 'json'], where(row, place)),
    );
    expect(ran.stdout + ran.stderr).not.toMatch(TRACE);
    expect([ran.exit, ran.stderr]).toEqual([row.exit, '']);
    const json = JSON.parse(ran.stdout) as Record<string, unknown>;
    const [, sentence, code] = ERROR.exec(row.first) ?? [];
    if (code === undefined) expect(json['schema']).toMatch(/^vallum\/(check|approve|data-check|drift)\/v1$/);
    else {
      const fix = expect.any(String) as string;
      expect(json).toMatchObject({ schema: 'vallum/error/v1', code, exit: row.exit, fix });
      // The text makes control characters visible; JSON escapes them.
      if (sentence?.includes('\\u') === false) expect(json['message']).toBe(sentence);
    }
    const verdict = json['verdict'] as { result: string; reasons: readonly { fix: string }[] } | undefined;
    if (verdict === undefined) return;
    expect(verdict.result).toBe(row.exit === 2 ? 'not-proven' : 'refused');
    for (const { fix } of verdict.reasons) expect(fix.length).toBeGreaterThan(5);
  });
});

test('the table covers both kinds of refusal, and nothing in it is an internal error', () => {
  const exits = BAD_INPUT.map(({ exit }) => exit);
  expect(new Set(exits)).toEqual(new Set([1, 2, 3]));
});
