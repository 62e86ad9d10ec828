// Whether an advisory speaks about one version, as the OSV schema evaluates it: listed by name, or inside a range of events.
// `unsure` where a version cannot be ordered: then nobody may say that it is not affected.
import type { AdvisoryEvent, Affected } from './osv.js';
import type { Pep440 } from './pep440.js';
import { comparePep440, parsePep440 } from './pep440.js';

export type Affects = 'yes' | 'no' | 'unsure';

export function affects({ versions, ranges }: Affected, version: string): Affects {
  if (versions.includes(version)) return 'yes';
  const installed = parsePep440(version);
  if (installed === undefined) return 'unsure';
  // The part behind `+` is somebody's build of a public version, which the advisory is about.
  const asked = withoutLocal(installed);
  if (versions.some((listed) => isSame(listed, asked))) return 'yes';
  const answers = ranges.map((events) => inRange(events, asked));
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unsure') ? 'unsure' : 'no';
}

function withoutLocal({ epoch, release, pre, post, dev }: Pep440): Pep440 {
  return {
    epoch,
    release,
    ...(pre === undefined ? {} : { pre }),
    ...(post === undefined ? {} : { post }),
    ...(dev === undefined ? {} : { dev }),
  };
}

function isSame(listed: string, asked: Pep440): boolean {
  const parsed = parsePep440(listed);
  return parsed !== undefined && comparePep440(parsed, asked) === 0;
}

interface Placed {
  readonly kind: AdvisoryEvent['kind'];
  /** Undefined for `0`, which is before every version, pre-releases of 0 too. */
  readonly version: Pep440 | undefined;
}

/** Events in the order of their versions; the last one that the asked version has reached decides. */
function inRange(events: readonly AdvisoryEvent[], asked: Pep440): Affects {
  const placed: Placed[] = [];
  for (const { kind, version } of events) {
    if (kind === 'limit' && version === '*') continue;
    const parsed = version === '0' ? undefined : parsePep440(version);
    if (parsed === undefined && version !== '0') return 'unsure';
    placed.push({ kind, version: parsed });
  }
  const limits = placed.filter(({ kind }) => kind === 'limit');
  if (limits.length > 0 && limits.every((limit) => reached(limit, asked) >= 0)) return 'no';
  let inside = false;
  for (const event of placed.sort(byVersion)) {
    const order = reached(event, asked);
    if (event.kind === 'introduced' && order >= 0) inside = true;
    else if (event.kind === 'fixed' && order >= 0) inside = false;
    else if (event.kind === 'last_affected' && order > 0) inside = false;
  }
  return inside ? 'yes' : 'no';
}

/** Zero or above where the asked version is at or behind the event. */
function reached({ version }: Placed, asked: Pep440): number {
  return version === undefined ? 1 : comparePep440(asked, version);
}

function byVersion(a: Placed, b: Placed): number {
  if (a.version === undefined || b.version === undefined)
    return Number(a.version !== undefined) - Number(b.version !== undefined);
  return comparePep440(a.version, b.version);
}
