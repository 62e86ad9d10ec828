// Secrets in one text: tokens with a form of their own, private keys, passwords in addresses (`packages/detect` knows their
// forms). Values leave only masked. A quick look for the fixed beginnings of all tokens comes first, so that a vocabulary of
// 30 MB costs little; the passwords that only a word announces are looked for in small texts.
import type { Match, RuleSet } from '@vallum/detect';
import { defaultRules, scanText } from '@vallum/detect';

/** Rules that only a word beside the value announces; their findings may be settings of an example. */
const ANNOUNCED: ReadonlySet<string> = new Set(['password', 'jwt', 'url.token', 'wandb.key', 'npmrc.auth', 'netrc']);
const SMALL = 256 * 1024;
/** What stands in every token's form; without any of it no rule can match. */
const BEGINNINGS =
  /AKIA|ASIA|gh[pousr]_|github_pat_|-----BEGIN|eyJ[A-Za-z0-9_-]{8}|xox[abeoprs]-|hooks\.slack|hf_[A-Za-z0-9]{30}|api_org_|sk-ant-|T3BlbkFJ|sk-or-v1-|AIza|GOCSPX-|glpat-|npm_[A-Za-z0-9]{30}|pypi-AgE|[rs]k_live_|SG\.[A-Za-z0-9_-]{22}|:AA[A-Za-z0-9_-]{30}|api\/webhooks\/|AccountKey=|SharedAccessKey=|8Q~|dapi[a-f0-9]{30}|do[opr]_v1_|dckr_|r8_[A-Za-z0-9]{30}|gsk_[A-Za-z0-9]{30}|xai-[A-Za-z0-9]{30}|pplx-|lsv2_|hvs\.|shp(?:at|ca|pa|ss)_|ntn_|lin_api_|[sS][eE][cC][rR][eE][tT]_?(?:[aA][cC][cC]|[kK][eE][yY])|[wW][aA][nN][dD][bB]|\/\/[^\s:/@'"<>]{0,64}:[^\s/@'"<>]{6,128}@|machine[ \t]|_auth/;

let rules: { readonly all: RuleSet; readonly forms: RuleSet } | undefined;

function secretRules(): { readonly all: RuleSet; readonly forms: RuleSet } {
  if (rules !== undefined) return rules;
  const every = defaultRules();
  const secrets = every.rules.filter((rule) => rule.kind === 'secret');
  rules = {
    all: { ...every, rules: secrets },
    forms: { ...every, rules: secrets.filter(({ id }) => id !== 'password') },
  };
  return rules;
}

/** Which texts of a file are plain ones: in bytes that are no text, a word beside a value announces nothing. */
export type TextKind = 'text' | 'bytes';

export interface FoundSecret {
  /** Of `packages/detect`. */
  readonly rule: string;
  /** Of the scanner. */
  readonly finding: 'VLM-SEC-001' | 'VLM-SEC-002';
  readonly start: number;
  /** Class and masked value. */
  readonly what: string;
}

/** Most that are told of one text. */
const TOLD = 50;

export function findSecrets(text: string, kind: TextKind = 'text'): readonly FoundSecret[] {
  const small = text.length <= SMALL && kind === 'text';
  if (!small && !BEGINNINGS.test(text)) return [];
  const { all, forms } = secretRules();
  const found: FoundSecret[] = [];
  for (const match of scanText(text, small ? all : forms)) {
    const announced = ANNOUNCED.has(match.rule);
    if (!isReal(text, match) || (kind === 'bytes' && announced)) continue;
    if (found.length >= TOLD) break;
    found.push({
      rule: match.rule,
      finding: announced ? 'VLM-SEC-002' : 'VLM-SEC-001',
      start: match.start,
      what: `${match.class.replaceAll('_', ' ')} ${match.masked}`,
    });
  }
  return found;
}

/** A key block has a key in it: pages that explain the form have dots, or nothing. */
function isReal(text: string, { rule, end }: Match): boolean {
  if (rule !== 'private_key') return true;
  const body = text
    .slice(end, end + 600)
    .replace(/\\[nr]|[\s"',+]/g, '')
    .replace(/^(?:Proc-Type:4|DEK-Info:[\w-]{0,200})+/, '');
  const key = /^[A-Za-z0-9/+=]{60,}/.exec(body)?.[0];
  return key !== undefined && new Set(key).size > 20;
}
