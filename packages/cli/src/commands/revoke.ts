// `vallum revoke`: takes back a statement, or everything by a key, a tool version, a ruleset or about a subject.
import { asSha256, VallumError } from '@vallum/core';
import type { RevocationTarget } from '@vallum/trust';
import { buildRevocation, readEnvelope, signStatement } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { closeProjectLedger, fileStatement, filedText, openProjectLedger, readRecorded } from '../project/log.js';
import { loadRules } from '../project/rules.js';
import { openSession, requireRole } from '../project/session.js';
import { TOOL } from '../version.js';
import { actorOf, requirePermission } from './authority.js';
import { drafted } from './draft.js';
import { findId } from './find-id.js';

export interface RevokeOptions {
  readonly reason: string;
  readonly key?: string;
  readonly tool?: string;
  readonly ruleset?: string;
  readonly subject?: string;
}

export async function revokeCommand(io: Io, statement: string | undefined, options: RevokeOptions): Promise<Answer> {
  const session = await openSession(io);
  const rules = await loadRules(session);
  const actor = actorOf(session, requireRole(session, 'revoke'));
  const ledger = await openProjectLedger(session);
  try {
    const { statements, unreadable } = await readRecorded(session, ledger);
    const target = targetOf(statement, options, (prefix) =>
      findId(
        prefix,
        // What is lost for good can be revoked too: until then it keeps its question open.
        [...statements, ...unreadable].map(({ id }) => id),
      ),
    );
    const resource = { type: 'Target', id: idOf(target), kind: target.type } as const;
    await requirePermission(session, rules, actor, { action: 'revoke', resource, context: {} });
    const revocation = drafted(
      () => buildRevocation(target, options.reason, session.clock()),
      'give --reason a sentence in plain text, and --tool a version such as 0.1.0',
    );
    const envelope = signStatement(revocation, actor.key);
    const filed = await fileStatement(ledger, envelope);
    return {
      exit: EXIT.pass,
      text: `Revoked the ${target.type} ${printable(idOf(target))}: ${printable(options.reason)}\n  ${filedText(filed)}`,
      json: {
        schema: 'vallum/revoke/v1',
        id: readEnvelope(envelope).id,
        target,
        reason: options.reason,
        by: actor.id,
        filed,
      },
    };
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

function targetOf(
  statement: string | undefined,
  options: RevokeOptions,
  find: (prefix: string) => string,
): RevocationTarget {
  const { key, tool, ruleset, subject } = options;
  const given = [statement, key, tool, ruleset, subject].filter((value) => value !== undefined);
  if (given.length !== 1)
    throw new VallumError('REVOKE_TARGET', 'revoke names exactly one thing', {
      fix: 'give STATEMENT, or one of --key, --tool, --ruleset, --subject',
    });
  if (key !== undefined) return { type: 'key', keyid: asSha256(key) };
  if (tool !== undefined) return { type: 'tool', name: TOOL.name, version: tool };
  if (ruleset !== undefined) return { type: 'ruleset', digest: asSha256(ruleset) };
  if (subject !== undefined) return { type: 'subject', digest: asSha256(subject) };
  return { type: 'statement', id: asSha256(find(statement ?? '')) };
}

function idOf(target: RevocationTarget): string {
  switch (target.type) {
    case 'statement':
      return target.id;
    case 'key':
      return target.keyid;
    case 'tool':
      return `${target.name} ${target.version}`;
    case 'ruleset':
    case 'subject':
      return target.digest;
  }
}
