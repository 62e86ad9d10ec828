// The verdict as people read it: the answer, at most three reasons each with its fix, then what else they should know.
import type { Verdict, VerdictReason } from '@vallum/policy';
import type { Style } from './style.js';
import { printable } from './style.js';

const SHOWN_REASONS = 3;

const HEADLINES: Readonly<Record<Verdict['result'], (what: string) => string>> = {
  pass: (what) => `PASS        ${what}`,
  refused: (what) => `REFUSED     ${what}`,
  'not-proven': (what) => `NOT PROVEN  ${what}`,
};

export function verdictText(verdict: Verdict, style: Style): string {
  const { result, subject, action } = verdict;
  const paint = result === 'pass' ? style.good : result === 'refused' ? style.bad : style.warn;
  const may = result === 'pass' ? 'may' : 'may not';
  const headline = HEADLINES[result](`${printable(subject.name)} ${may} ${PAST[action] ?? `be used to ${action}`} now`);
  const lines = [style.bold(paint(headline))];
  verdict.reasons
    .slice(0, SHOWN_REASONS)
    .forEach((reason, index) => lines.push(...reasonLines(reason, index + 1, style)));
  const hidden = verdict.reasons.length - SHOWN_REASONS;
  if (hidden > 0) lines.push(style.dim(`  ... and ${hidden} more (--format json shows all)`));
  for (const { requirement, owner, approver, accepts, bound, until, reason } of verdict.waivers) {
    const what =
      'metric' in accepts
        ? `${accepts.metric} ${bound === undefined ? '' : `(bound ${figure(bound)}) `}up to ${figure(accepts.bound)}`
        : accepts.reason;
    lines.push(
      `  ${style.warn('waived')} ${requirement}: ${printable(what)}, until ${until.slice(0, 10)}; asked by ${printable(owner)}, approved by ${printable(approver)}`,
      style.dim(`         ${printable(reason)}`),
    );
  }
  for (const { requirement, evidence, by } of verdict.superseded)
    lines.push(
      style.dim(`  ${requirement}: the failing run ${evidence.slice(0, 12)} is superseded by ${by.slice(0, 12)}`),
    );
  for (const note of verdict.notes) lines.push(`  ${style.warn('note')} ${printable(note)}`);
  if (verdict.local)
    lines.push(style.warn('  local: only a key of this machine vouches for this; see vallum trust init'));
  if (verdict.validUntil !== null) lines.push(style.dim(`  valid until ${verdict.validUntil}`));
  return lines.join('\n');
}

const PAST: Readonly<Record<string, string>> = { deploy: 'be deployed', promote: 'be promoted', export: 'be exported' };

function reasonLines(reason: VerdictReason, number: number, style: Style): readonly string[] {
  const about = reason.subject === undefined ? '' : ` (${printable(reason.subject)})`;
  return [
    `  ${number}. ${style.bold(reason.requirement)}${about}: ${printable(reason.message)}`,
    `     ${style.dim(`fix: ${printable(reason.fix)}`)}`,
  ];
}

export function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(3);
}
