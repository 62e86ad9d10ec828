// Notes what commands do, wherever they stand: in a script, a build file, a page, a configuration.
import type { Severity } from '@vallum/core';
import { atOrAbove } from '@vallum/core';
import type { Context, Item } from '../context.js';
import { find, skip } from '../context.js';
import type { ShellJudgement, ShellSession, Sighting } from './judge-shell.js';
import { judgeShell } from './judge-shell.js';
import { originOf } from './origins.js';
import type { Place } from './scene.js';
import type { CompiledShellRules } from './shell-rules.js';
import { shellRules } from './shell-rules.js';
import { matchAll } from './programs.js';

export interface Where {
  /** First line of the text in its file, from 1; none where it is not known. */
  readonly line?: number;
  readonly place?: Place;
  /** `postCreateCommand`, `RUN`: told in front of what was seen. */
  readonly name?: string;
  /** Sightings below it are left out. */
  readonly from?: Severity;
  /** Another rule for those at or above `high`: that of the place. */
  readonly rule?: string;
  /** Commands before these that ran on the same disk. */
  readonly session?: ShellSession;
}

export const rulesOf = (context: Context): CompiledShellRules => shellRules(context.rules.files.shell);

export function noteCommands(context: Context, item: Item, text: string, where: Where = {}): ShellJudgement {
  const judgement = judgeCommands(text, rulesOf(context), where);
  for (const sighting of judgement.sightings) note(context, item, sighting, where);
  if (judgement.fault?.kind === 'budget')
    skip(context, item, where.name ?? 'its commands', `${judgement.fault.why}, line ${judgement.fault.line}`);
  return judgement;
}

/** Commands of a POSIX shell, and what of them PowerShell or cmd would run. */
export function judgeCommands(
  text: string,
  rules: CompiledShellRules,
  { place = 'machine', line = 1, session }: Where = {},
): ShellJudgement {
  const judgement = session?.judge(text, line) ?? judgeShell(text, rules, place, line);
  if (!WINDOWS.test(text)) return judgement;
  return { ...judgement, sightings: [...judgement.sightings, ...judgeWindows(text, rules, line)] };
}

const WINDOWS =
  /powershell|pwsh|\biex\b|invoke-|certutil|bitsadmin|mshta|regsvr32|rundll32|downloadstring|schtasks|vssadmin|mppreference/i;

/** PowerShell and batch: known patterns over text whose usual disguises (`^`, backquotes, 'a'+'b') are undone. */
export function judgeWindows(text: string, rules: CompiledShellRules, line = 1): readonly Sighting[] {
  const plain = text
    .replace(/\r/g, '')
    .replace(/[`^](?=\n)\n/g, ' ')
    .replace(/(?<=\w)[`^](?=\w)/g, '')
    .replace(/^([ \t]{0,40})[`^]{1,20}(?=\w)/gm, '$1')
    .replace(/(['"])\s*\+\s*\1/g, '');
  return matchAll(plain, rules.windows).map(({ rule, severity, what, index }) => {
    const urls = plain.slice(index, index + 600).match(/https?:\/\/[^\s"'`)|;,]+/gi) ?? [];
    const known =
      rule === 'VLM-SHL-001' && urls.length > 0 && urls.every((url) => originOf(url, rules.data).trust === 'publisher');
    return {
      rule: known ? 'VLM-SHL-002' : rule,
      ...(severity === undefined || known ? {} : { severity }),
      detail: what,
      line: line + count(plain, index),
    };
  });
}

export function count(text: string, end: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

function note(context: Context, item: Item, sighting: Sighting, where: Where): void {
  const own = context.rules.finding(sighting.rule).severity;
  const severity = worse(own, sighting.severity ?? own);
  if (where.from !== undefined && !atOrAbove(severity, where.from)) return;
  const grave = where.rule !== undefined && atOrAbove(severity, 'high');
  const rule = grave ? where.rule : sighting.rule;
  const told =
    rule === sighting.rule ? sighting.detail : `${context.rules.finding(sighting.rule).title}, ${sighting.detail}`;
  find(context, item, {
    rule,
    severity,
    detail: `${where.name === undefined ? '' : `${where.name} `}${told}${where.line === undefined ? '' : `, line ${sighting.line}`}`,
    ...(where.line === undefined ? {} : { location: { line: sighting.line } }),
  });
}

const ORDER: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];

function worse(a: Severity, b: Severity): Severity {
  return ORDER.indexOf(a) < ORDER.indexOf(b) ? a : b;
}
