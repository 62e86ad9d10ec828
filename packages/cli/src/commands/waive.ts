// `vallum waive`: the owner of a version asks for one exception - one requirement, one subject digest, a worst bound or one
// reason code, an end date. It counts only after a second person approved it.
import { isBlocked, parseTime, VallumError } from '@vallum/core';
import type { Subject } from '@vallum/core';
import { didYouMean } from '@vallum/policy';
import type { Requirement } from '@vallum/policy';
import type { Accepted, SigningKey } from '@vallum/trust';
import { buildWaiver, readEnvelope, signStatement } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { planVersion } from '../plan/version-plan.js';
import { closeProjectLedger, fileStatement, filedText, openProjectLedger, readRecorded } from '../project/log.js';
import { loadRules } from '../project/rules.js';
import type { Session } from '../project/session.js';
import { openSession, trustOf } from '../project/session.js';
import { versionOf } from '../project/target.js';
import { actorOf, requirePermission } from './authority.js';
import { drafted } from './draft.js';

export interface WaiveOptions {
  readonly accept: string;
  readonly until: string;
  readonly reason: string;
}

export async function waiveCommand(
  io: Io,
  requirementId: string,
  target: string,
  options: WaiveOptions,
): Promise<Answer> {
  const session = await openSession(io);
  const rules = await loadRules(session);
  const requirement = findRequirement(rules.requirements, requirementId);
  const accepts = readAccept(options.accept, requirement, session.kinds.get(requirement.kind)?.waivable ?? []);
  if (parseTime(options.until) <= session.clock())
    throw new VallumError('WAIVE_UNTIL', `--until ${options.until} is past already`, {
      fix: 'give a date in the future, such as 2099-12-31',
    });
  const actor = actorOf(session, ownerKey(session));
  const ledger = await openProjectLedger(session);
  try {
    const recorded = await readRecorded(session, ledger);
    const version = versionOf(session, target);
    const subjects = await subjectsOf(session, version, requirement, recorded);
    const asked = [];
    for (const subject of subjects) {
      const resource = { type: 'Subject', id: subject.digest.sha256, name: subject.name } as const;
      await requirePermission(session, rules, actor, { action: 'waive', resource, context: {} });
      const { reason, until } = options;
      const statement = drafted(
        () => buildWaiver({ requirement: requirement.id, subject, accepts, reason, until }, session.clock()),
        'give --reason a sentence in plain text',
      );
      const envelope = signStatement(statement, actor.key);
      asked.push({ id: readEnvelope(envelope).id, subject, filed: await fileStatement(ledger, envelope) });
    }
    return {
      exit: EXIT.pass,
      text: asked
        .map(
          ({ id, subject, filed }) =>
            `Asked for a waiver of ${requirement.id} on ${printable(subject.name)}: ${id}\n  ${filedText(filed)}\n  a second person approves it with: vallum approve ${id.slice(0, 12)}`,
        )
        .join('\n'),
      json: {
        schema: 'vallum/waive/v1',
        owner: actor.id,
        requirement: requirement.id,
        waivers: asked,
      },
    };
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

function findRequirement(requirements: readonly Requirement[], id: string): Requirement {
  const found = requirements.find((requirement) => requirement.id === id);
  if (found !== undefined) return found;
  throw new VallumError('WAIVE_REQUIREMENT', `there is no requirement ${JSON.stringify(id)}`, {
    fix: didYouMean(
      id,
      requirements.map((requirement) => requirement.id),
    ),
  });
}

/** `evasion-rate<=0.98`, `clean-accuracy>=0.9` or a reason code such as `no-predecessor`. */
function readAccept(text: string, { metric }: Requirement, waivable: readonly string[]): Accepted {
  const bound = /^([a-z0-9.-]{1,64})(<=|>=)(-?[0-9]{1,9}(?:\.[0-9]{1,9})?)$/.exec(text);
  const wrong = (what: string): VallumError =>
    new VallumError('WAIVE_ACCEPT', `--accept ${JSON.stringify(text)}: ${what}`, {
      fix:
        metric === undefined
          ? waivable.length === 0
            ? 'this requirement has to be met'
            : `write it like ${waivable.join(' or ')}`
          : `write it like ${metric.id}${metric.atMost === undefined ? '>=' : '<='}0.5`,
    });
  if (bound === null) {
    if (waivable.includes(text)) return { reason: text };
    throw wrong('neither METRIC<=NUMBER, METRIC>=NUMBER nor a reason that its control declares waivable');
  }
  const [, name = '', sign, value] = bound;
  if (metric?.id !== name)
    throw wrong(metric === undefined ? 'this requirement has no metric' : `its metric is ${metric.id}`);
  if ((metric.atMost === undefined ? '>=' : '<=') !== sign) throw wrong('the bound points the wrong way');
  return { metric: name, bound: Number(value) };
}

/** Any enrolled key of the acting person that signs statements. */
function ownerKey(session: Session): SigningKey {
  const trust = trustOf(session);
  const key = session.keys.find(
    ({ algorithm, keyid }) => algorithm === 'ed25519' && trust.signer(keyid, session.clock()) !== undefined,
  );
  if (key !== undefined) return key;
  throw new VallumError('ACT_UNKNOWN', `no key in ${session.keysFolder} is enrolled`, {
    fix: 'set VALLUM_KEYS to the folder of an enrolled person',
  });
}

async function subjectsOf(
  session: Session,
  version: string,
  { kind }: Requirement,
  recorded: Parameters<typeof planVersion>[2],
): Promise<readonly Subject[]> {
  const { plan } = await planVersion(session, version, recorded);
  return plan
    .filter((planned) => planned.kind === kind)
    .map((planned) => {
      if (!isBlocked(planned)) return planned.subject;
      throw new VallumError(
        'WAIVE_SUBJECT',
        `the subject of ${kind} cannot be named: ${planned.blocked.message}`,
        { fix: 'make the file readable and complete' },
        'unproven',
      );
    });
}
