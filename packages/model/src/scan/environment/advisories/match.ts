// Every package of an environment against every advisory that names it.
import type { Finding } from '@vallum/core';
import type { EnvironmentPackage } from '@vallum/formats';
import { normalName } from '@vallum/formats';
import type { EnvironmentRules } from '../rules.js';
import { affects } from './affects.js';
import type { Advisory, Affected } from './osv.js';

export interface Matched {
  readonly findings: readonly Finding[];
  /** Packages of which an advisory speaks, and whose version cannot be compared. */
  readonly unsure: readonly string[];
}

export interface Captured {
  readonly file: string;
  readonly package: EnvironmentPackage;
}

const MAX_FINDINGS = 2_000;

export function matchAdvisories(
  packages: readonly Captured[],
  advisories: readonly Advisory[],
  rules: EnvironmentRules,
): Matched {
  const byName = indexOf(advisories);
  const findings = new Map<string, Finding>();
  const unsure = new Set<string>();
  for (const { file, package: one } of packages) {
    // conda has no advisories of its own; its Python packages mostly bear the names that they have on PyPI.
    for (const { advisory, affected } of byName.get(normalName(one.name)) ?? []) {
      const answer = one.version === undefined ? 'unsure' : affects(affected, one.version);
      if (answer === 'unsure') unsure.add(`${one.name} ${one.version ?? 'without a version'} (${advisory.id})`);
      const key = `${one.name}\n${one.version ?? ''}\n${advisory.id}`;
      // Databases repeat one another: the same vulnerability under another id is the same finding.
      const known = advisory.aliases.some((alias) => findings.has(`${one.name}\n${one.version ?? ''}\n${alias}`));
      if (answer !== 'yes' || (known && !advisory.exploited) || findings.size >= MAX_FINDINGS) continue;
      findings.set(key, findingOf(advisory, affected, { file, package: one }, rules));
    }
  }
  return { findings: [...findings.values()], unsure: [...unsure].slice(0, 100) };
}

interface Entry {
  readonly advisory: Advisory;
  readonly affected: Affected;
}

/** Those that say how severe they are come first, so that a repetition without it adds nothing. */
function indexOf(advisories: readonly Advisory[]): ReadonlyMap<string, readonly Entry[]> {
  const byName = new Map<string, Entry[]>();
  const sorted = [...advisories].sort(
    (a, b) =>
      Number(b.exploited) - Number(a.exploited) || Number(a.severity === undefined) - Number(b.severity === undefined),
  );
  for (const advisory of sorted)
    for (const affected of advisory.affected) {
      const known = byName.get(affected.name);
      if (known === undefined) byName.set(affected.name, [{ advisory, affected }]);
      else known.push({ advisory, affected });
    }
  return byName;
}

function findingOf(
  { id, aliases, summary, severity, exploited }: Advisory,
  { ranges }: Affected,
  { file, package: one }: Captured,
  rules: EnvironmentRules,
): Finding {
  const fixed = ranges.flat().flatMap(({ kind, version }) => (kind === 'fixed' ? [version] : []));
  const said = severity === undefined ? ', severity not stated' : '';
  const repaired = fixed.length === 0 ? '' : `; fixed in ${fixed.slice(0, 3).join(', ').slice(0, 100)}`;
  return rules.finding({
    rule: exploited ? 'VLM-DEP-021' : 'VLM-DEP-020',
    detail: `${one.name} ${one.version ?? ''} (${id}${said})${summary === '' ? '' : `: ${summary}`}${repaired}`,
    location: { file, ...(one.line === undefined ? {} : { line: one.line }) },
    ...(exploited ? {} : { severity: severity ?? rules.file.unknownSeverity }),
    cve: [id, ...aliases].filter((name) => /^CVE-\d{4}-\d{4,}$/.test(name)),
  });
}
