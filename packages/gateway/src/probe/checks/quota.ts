// A burst of good requests, one more than the caller may make; it ends at the first refusal.
import type { Checked } from '../check.js';
import { judgedAs } from '../check.js';
import type { Probe } from '../probe.js';
import { requestBytes } from '../request.js';

const LINES = 8;
const EACH = 5;
const PATIENCE = { answerMs: 10_000, quietMs: 0 };

export async function quotaCheck(probe: Probe): Promise<readonly Checked[]> {
  const { quota } = probe.settings;
  if (quota === undefined) return [];
  const request = requestBytes(probe.infer());
  const trial = {
    id: 'quota.burst',
    rule: 'VLM-GWP-003' as const,
    sent: `${quota + 1} good requests at once`,
    expected: 'status 429 after at most that many',
  };
  let [served, others] = [0, 0];
  for (let left = quota + 1; left > 0;) {
    const round = Math.min(left, LINES * EACH);
    left -= round;
    const counts = Array.from(
      { length: LINES },
      (_, line) => Math.floor(round / LINES) + (line < round % LINES ? 1 : 0),
    );
    const talks = counts.filter((count) => count > 0).map((count) => Array.from({ length: count }, () => [request]));
    const heard = (await Promise.all(talks.map((steps) => probe.ports.wire.talk(steps, PATIENCE)))).flat();
    probe.requests += round;
    const statuses = heard.map((each) => probe.answers(each)[0]?.status ?? 0);
    served += statuses.filter((status) => status >= 200 && status < 300).length;
    others += statuses.filter((status) => status !== 429 && (status < 200 || status >= 300)).length;
    if (statuses.includes(429)) return [judgedAs(trial, 'pass', `status 429 after ${served} answers`)];
  }
  const came = `${served} answers, ${others} of another kind, none refused`;
  return [judgedAs(trial, served > quota ? 'fail' : 'inconclusive', came)];
}
