// What the errors of all other checks told about the inside: patterns are data (leaks.json).
import type { HttpAnswer } from '../answers.js';
import type { Checked } from '../check.js';
import { judgedAs } from '../check.js';
import leaks from '../leaks.json' with { type: 'json' };

const TEXTS = leaks.texts.map(({ id, what, pattern }) => ({ id, what, pattern: new RegExp(pattern, 'm') }));
const VERSION = new RegExp(leaks.version);

export function leakChecks(errors: readonly HttpAnswer[]): readonly Checked[] {
  const sent = `nothing more: ${errors.length} refusals were looked at`;
  const bodies = errors.map(({ body }) => body.toString('latin1'));
  const texts = TEXTS.map(({ id, what, pattern }) => {
    const count = bodies.filter((body) => pattern.test(body)).length;
    const trial = { id: `leak.${id}`, rule: 'VLM-GWP-011' as const, sent, expected: `errors without ${what}` };
    return judgedAs(trial, count > 0 ? 'fail' : 'pass', `${what} in ${count} of them`);
  });
  const named = leaks.headers.filter((name) => errors.some(({ headers }) => VERSION.test(headers.get(name) ?? '')));
  const trial = { id: 'leak.version', rule: 'VLM-GWP-012' as const, sent, expected: 'headers without versions' };
  const came = named.length === 0 ? 'none' : `versions in ${named.join(', ')}`;
  return [...texts, judgedAs(trial, named.length > 0 ? 'fail' : 'pass', came)];
}
