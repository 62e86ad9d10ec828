// One window against the pinned reference and against the first one ever. The rows are dealt twice: a cheap look that most windows
// pass, and a strict one, with deals enough for the level, for those that do not. An alarm needs both, so it is as rare as the strict
// look makes it. Then who moved is told apart: a season moves all callers, an attack some of them.
import type { CompareOptions } from '../drift/options.js';
import { compareSamples } from '../drift/compare.js';
import { measureDrift } from '../drift/measure.js';
import type { Comparison } from '../drift/report.js';
import type { Sample } from '../drift/sample.js';
import type { Level } from './level.js';
import type { Signal } from './signal.js';
import { drifting } from './newcomers.js';
import { named } from './signal.js';

const FIRST_LOOK = { permutations: 499, alpha: 0.05 };
/** Who moved is a question about rows that drifted already. */
const EXPLAIN = { permutations: 999, alpha: 0.05 };

export interface JudgeSettings {
  readonly by: readonly string[];
  readonly floorShift: number;
  readonly floorMoved: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

export interface JudgedWindow {
  readonly outcome: 'drift' | 'no-drift' | 'not-enough-data';
  readonly signals: readonly Signal[];
}

/** @param first undefined where the reference is the first one itself */
export async function judgeWindow(
  reference: Sample,
  first: Sample | undefined,
  window: Sample,
  level: Level,
  settings: JudgeSettings,
): Promise<JudgedWindow> {
  const parts = first === undefined ? 1 : 2;
  const alpha = level.judge / parts;
  const now = await lookTwice(reference, window, { alpha, permutations: level.permutations }, settings);
  const movedNow = driftedIn(now);
  const signals: Signal[] = [...lostSignals(lostIn(now))];
  if (movedNow.length > 0) signals.push(...(await explain(reference, window, now, settings)));
  const old =
    first === undefined
      ? undefined
      : await lookTwice(first, window, { alpha, permutations: level.permutations }, settings);
  if (old !== undefined) signals.push(...lostSinceFirst(lostIn(old).filter((name) => !lostIn(now).includes(name))));
  const slow = old === undefined ? [] : driftedIn(old).filter((name) => !movedNow.includes(name));
  if (slow.length > 0)
    signals.push({
      key: keyOf('first', slow),
      rule: 'VLM-MON-004',
      columns: slow,
      groups: [],
      why: `${named(slow)} lie apart from the first reference ever pinned, though not from the last: they moved slowly, or pins moved the reference along`,
    });
  return { outcome: signals.length > 0 ? 'drift' : now.outcome, signals };
}

async function lookTwice(
  reference: Sample,
  window: Sample,
  strict: Pick<CompareOptions, 'alpha' | 'permutations'>,
  { floorShift, floorMoved, seed, signal }: JudgeSettings,
): Promise<Comparison> {
  const shared = {
    control: 'family',
    floorShift,
    floorMoved,
    detect: 0.5,
    ...(signal === undefined ? {} : { signal }),
  } as const;
  const cheap = await compareSamples(reference, window, {
    ...shared,
    permutations: FIRST_LOOK.permutations,
    alpha: Math.max(FIRST_LOOK.alpha, strict.alpha),
    seed,
  });
  if (driftedIn(cheap).length === 0) return cheap;
  return compareSamples(reference, window, { ...shared, ...strict, seed: (seed ^ 0x9e3779b9) >>> 0 });
}

function driftedIn({ columns }: Comparison): readonly string[] {
  return columns.filter(({ state }) => state === 'drift').map(({ name }) => name);
}

function lostIn({ structure }: Comparison): readonly string[] {
  return structure.filter(({ change }) => change !== 'new').map(({ column }) => column);
}

/** A pin must not take a column out of sight. */
function lostSinceFirst(lost: readonly string[]): readonly Signal[] {
  if (lost.length === 0) return [];
  const why = `${named(lost)} of the first reference ever pinned cannot be compared: gone since, or of another type`;
  return [{ key: keyOf('first-structure', lost), rule: 'VLM-MON-004', columns: lost, groups: [], why }];
}

function lostSignals(lost: readonly string[]): readonly Signal[] {
  if (lost.length === 0) return [];
  const why = `${named(lost)} of the reference cannot be compared: gone, or of another type`;
  return [{ key: keyOf('structure', lost), rule: 'VLM-MON-005', columns: lost, groups: [], why }];
}

const keyOf = (what: string, names: readonly string[]): string => JSON.stringify([what, ...[...names].sort()]);

/** In words: who moved. One signal about all that moved alike, and one about each set of callers that moved by itself. */
async function explain(
  reference: Sample,
  window: Sample,
  now: Comparison,
  settings: JudgeSettings,
): Promise<readonly Signal[]> {
  const columns = driftedIn(now);
  const found = new Map<string, Signal>();
  const explained = new Map<string, string>();
  for (const by of settings.by) {
    if (!window.columns.some(({ name }) => name === by) || !reference.columns.some(({ name }) => name === by)) continue;
    const options: CompareOptions = {
      ...EXPLAIN,
      control: 'family',
      floorShift: settings.floorShift,
      floorMoved: settings.floorMoved,
      detect: 0.5,
      seed: settings.seed,
      ...(settings.signal === undefined ? {} : { signal: settings.signal }),
    };
    const { split } = await measureDrift({ reference, current: window, by }, options);
    for (const { column, pattern, moved } of split?.patterns ?? []) {
      if (!columns.includes(column)) continue;
      if (pattern === 'some' && moved.length > 0) {
        const set = JSON.stringify(['group', by, ...[...moved].sort()]);
        const all = [...(found.get(set)?.columns ?? []), column];
        const key = JSON.stringify(['group', by, [...moved].sort(), [...all].sort()]);
        const why = `${named(all)} drifted in rows of ${by} ${named(moved)}, and surely not alike in the others: this is no season`;
        found.set(set, { key, rule: 'VLM-MON-002', columns: all, groups: moved, why });
        explained.set(column, set);
      } else if (pattern === 'together') explained.set(column, `every ${by} moved alike, as with a season`);
      else if (pattern === 'mix') explained.set(column, `the shares of ${by} changed, none of them moved by itself`);
    }
    // Names of callers and sources differ by themselves where a new one comes: that alone is no attack.
    const open = columns.filter((name) => !settings.by.includes(name) && !found.has(explained.get(name) ?? ''));
    const brought = await drifting(by, reference, window, open, options);
    if (brought === undefined) continue;
    const { groups, unknown, rows } = brought;
    const key = JSON.stringify(['new-group', by, [...groups].sort(), unknown, [...brought.columns].sort()]);
    const who = [
      ...(groups.length > 0 ? [named(groups)] : []),
      ...(unknown ? ['names that the reference does not have'] : []),
    ];
    const why = `${named(brought.columns)} drifted in ${rows} rows of ${by} that are new or more than before (${who.join('; ')}), and not in the others: they brought it`;
    found.set(key, { key, rule: 'VLM-MON-002', columns: brought.columns, groups, why });
    for (const column of brought.columns) explained.set(column, key);
  }
  const rest = columns.filter((column) => !found.has(explained.get(column) ?? ''));
  if (rest.length > 0) {
    const words = [...new Set(rest.flatMap((column) => explained.get(column) ?? []))];
    const why = `${named(rest)} drifted${words.length === 0 ? '' : `: ${words.join('; ')}`}; ${effects(now, rest)}`;
    found.set('', { key: keyOf('window', rest), rule: 'VLM-MON-001', columns: rest, groups: [], why });
  }
  return [...found.values()];
}

function effects({ columns }: Comparison, names: readonly string[]): string {
  const [strongest] = columns.filter(({ name }) => names.includes(name));
  const effect = strongest?.answers[0]?.effect;
  if (strongest === undefined || effect === undefined) return 'no figure';
  const shift = effect.shift === undefined ? '' : `, shift ${effect.shift.value.toFixed(2)} sd`;
  return `strongest ${named([strongest.name])}: ${(100 * effect.moved.value).toFixed(1)} % of rows moved${shift}`;
}
