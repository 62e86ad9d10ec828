// `vallum policy show|sign`: the requirements in force, and the organisation's floor as its owner signs it.
import { isJsonObject, VallumError, writeDurably } from '@vallum/core';
import { readYaml } from '@vallum/formats';
import { buildPolicyBundle, checkCedarPolicies } from '@vallum/policy';
import { signStatement } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable, table } from '../output/style.js';
import { readNamed } from '../project/read-named.js';
import { loadRules } from '../project/rules.js';
import { openSession, requireRole } from '../project/session.js';

const MAX_BYTES = 1024 * 1024;

export async function policyShow(io: Io): Promise<Answer> {
  const session = await openSession(io);
  const { requirements, cedar, digest } = await loadRules(session);
  const rows = requirements.map(({ id, kind, metric, parameters }) => [
    { text: id, paint: io.style.bold },
    { text: kind },
    { text: metric === undefined ? 'passes' : boundText(metric) },
    { text: parameters === undefined ? '' : JSON.stringify(parameters) },
  ]);
  return {
    exit: EXIT.pass,
    text: [`Policy ${digest}`, table(rows), '', `Who may do what: ${Object.keys(cedar).join(', ')}`].join('\n'),
    json: { schema: 'vallum/policy/v1', digest, requirements, cedar },
  };
}

function boundText({
  id,
  atMost,
  atLeast,
}: {
  readonly id: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}): string {
  return [atMost === undefined ? '' : `${id} <= ${atMost}`, atLeast === undefined ? '' : `${id} >= ${atLeast}`]
    .filter((text) => text !== '')
    .join(', ');
}

/** Signs a YAML or JSON file with `requirements` and `cedar` as policy.json. */
export async function policySign(io: Io, file: string): Promise<Answer> {
  const session = await openSession(io);
  const key = requireRole(session, 'policy');
  const draft = await readNamed(
    io.disk,
    { path: file, name: file, limit: MAX_BYTES, fix: 'start from vallum policy show --format json' },
    (bytes) => readYaml(new TextDecoder().decode(bytes), { maxBytes: MAX_BYTES }),
  );
  const { requirements, cedar } = isJsonObject(draft) ? draft : {};
  if (requirements === undefined || cedar === undefined)
    throw new VallumError('POLICY_KEY', `${file} needs the keys requirements and cedar`, {
      fix: 'start from vallum policy show --format json',
    });
  const bundle = buildPolicyBundle({ requirements, cedar: cedar }, session.kinds, session.clock());
  const [problem] = await checkCedarPolicies(cedar as Readonly<Record<string, string>>);
  if (problem !== undefined)
    throw new VallumError('POLICY_CEDAR', `the Cedar policies do not validate: ${problem}`, {
      fix: 'correct the policy',
    });
  await writeDurably(io.disk, session.paths.policy, signStatement(bundle, key));
  return {
    exit: EXIT.pass,
    text: `Signed ${printable(file)} as policy.json`,
    json: { schema: 'vallum/policy-sign/v1', file },
  };
}
