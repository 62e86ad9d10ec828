// A text column of a profile that somebody else wrote: everything that can be checked against itself is.
import type { Fields } from './fields.js';
import { MAX_LABELS } from './heavy-hitters.js';
import type { LabelCounts } from './heavy-hitters.js';
import { HyperLogLog } from './hyper-log-log.js';
import type { TextProfile } from './profile.js';
import { LENGTH_EDGES } from './text-summary.js';
import type { TextSummary } from './text-summary.js';

export function readTextProfile(fields: Fields, rows: number): TextProfile {
  const labels = readLabels(fields.object('labels'));
  const missing = fields.count('missing');
  if (missing + labels.n !== rows) throw fields.wrong('missing', 'what is left of the rows');
  const sketch = HyperLogLog.fromJson(fields.raw('distinct'));
  if (sketch === undefined) throw fields.wrong('distinct', 'a HyperLogLog sketch');
  const text = readText(fields.object('text'), labels.n);
  return { name: fields.text('name'), type: 'text', missing, labels, distinct: sketch.toJson(), text };
}

function readLabels(fields: Fields): LabelCounts {
  const n = fields.count('n');
  const error = fields.count('error');
  const seen = new Set<string>();
  let sum = 0;
  let [before, latest] = [Infinity, ''];
  const counts = fields.list('counts', MAX_LABELS).map((pair): [string, number] => {
    const [label, count] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
    if (typeof label !== 'string' || typeof count !== 'number' || !Number.isSafeInteger(count) || count < 1)
      throw fields.wrong('counts', 'pairs of a label and its count');
    if (seen.has(label)) throw fields.wrong('counts', 'a list without repetitions');
    if (count > before || (count === before && label < latest)) throw fields.wrong('counts', 'in order');
    seen.add(label);
    sum += count;
    [before, latest] = [count, label];
    return [label, count];
  });
  // What was cut is bounded by what is missing from the sum.
  if (error === 0 ? sum !== n : (MAX_LABELS / 2 + 1) * error > n - sum)
    throw fields.wrong('error', 'in keeping with the counts');
  return { n, error, counts };
}

function readText(fields: Fields, n: number): TextSummary {
  const lengths = fields.list('lengths', LENGTH_EDGES.length + 1).map((count) => {
    if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) throw fields.wrong('lengths', 'counts');
    return count + 0;
  });
  const text: TextSummary = {
    empty: fields.count('empty'),
    characters: fields.count('characters'),
    letters: fields.count('letters'),
    digits: fields.count('digits'),
    space: fields.count('space'),
    control: fields.count('control'),
    invisible: fields.count('invisible'),
    nonAscii: fields.count('nonAscii'),
    withInvisible: fields.count('withInvisible'),
    shortest: n === 0 ? null : fields.count('shortest'),
    longest: n === 0 ? null : fields.count('longest'),
    lengths,
  };
  const classes = text.letters + text.digits + text.space + text.control + text.invisible;
  if (lengths.length !== LENGTH_EDGES.length + 1 || lengths.reduce((sum, count) => sum + count, 0) !== n)
    throw fields.wrong('lengths', 'one count per bin, n in all');
  if (text.empty !== lengths[0]) throw fields.wrong('empty', 'the count of the first length');
  if (classes > text.characters || text.nonAscii > text.characters)
    throw fields.wrong('characters', 'at least the sum of the classes');
  if (text.withInvisible > Math.min(n, text.invisible)) throw fields.wrong('withInvisible', 'at most the texts');
  if ((text.shortest ?? 0) > (text.longest ?? 0)) throw fields.wrong('shortest', 'at most the longest');
  return text;
}
