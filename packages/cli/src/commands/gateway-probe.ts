// `vallum gateway probe`: tries what is forbidden on a running server, and signs what came of it where the project has a key
// for that. It goes only to hosts that were allowed, and only when somebody says that the owner agrees.
import { randomBytes } from 'node:crypto';
import { runPlan, runTask } from '@vallum/check';
import { VallumError } from '@vallum/core';
import type { ControlResult, RunContext, Sha256, Task } from '@vallum/core';
import type { Checked, ProbeProtocol, ProbeSeen, ProbeSettings } from '@vallum/gateway';
import {
  planGatewayProbe,
  PROBE_BOUNDS,
  PROBE_PROTOCOLS,
  probePath,
  probeTarget,
  rawWire,
  runProbe,
} from '@vallum/gateway';
import type { Answer, Io } from '../answer.js';
import { exitOfOutcome } from '../exit.js';
import { colourOf, printable, table } from '../output/style.js';
import { closeProjectLedger, openProjectLedger } from '../project/log.js';
import { readNamed } from '../project/read-named.js';
import { saveEvidence } from '../project/save-evidence.js';
import type { Session } from '../project/session.js';
import { keyWithRole, openSession } from '../project/session.js';
import { TOOL } from '../version.js';

export interface ProbeOptions {
  readonly model: string;
  readonly authorised?: boolean;
  readonly allowHost?: readonly string[];
  readonly keyFile?: string;
  readonly protocol: string;
  readonly path?: string;
  readonly input?: string;
  readonly quota?: string;
  readonly rate: string;
}

const MAX_KEY_BYTES = 16 * 1024;
const MAX_INPUT_BYTES = 1024 * 1024;
const MOST_RATE = 200;
const PROBE_MS = 30 * 60_000;
const KIND = 'gateway.probe';
/** Printable characters without spaces: anything else would end the header that it stands in. */
const TOKEN = /^[!-~]+$/;
const PATH = /^\/[!-~]*$/;

type Evidence = { readonly kind: 'statement'; readonly id: Sha256 } | { readonly kind: 'none'; readonly why: string };

export async function gatewayProbeCommand(io: Io, url: string, options: ProbeOptions): Promise<Answer> {
  const settings = await settingsOf(io, url, options);
  let seen: ProbeSeen = { checks: [], requests: 0 };
  const task = planGatewayProbe(settings, async (context) => (seen = await sendAll(settings, context)));
  const { result, evidence } = await runAndSign(io, task);
  const { outcome, reason } = result;
  return {
    exit: exitOfOutcome(outcome),
    text: textOf(io, { task, result, seen, evidence }),
    json: {
      schema: 'vallum/gateway-probe/v1',
      subject: task.subject,
      outcome,
      ...(reason === undefined ? {} : { reason }),
      requests: seen.requests,
      checks: seen.checks,
      notExamined: result.coverage.notExamined,
      evidence,
    },
  };
}

/** @throws VallumError `PROBE_*`, `DISK_*` */
async function settingsOf({ disk }: Io, url: string, options: ProbeOptions): Promise<ProbeSettings> {
  const { model, keyFile, input, quota } = options;
  const protocol = PROBE_PROTOCOLS.find((each) => each === options.protocol) ?? ('oip' satisfies ProbeProtocol);
  const path = options.path ?? probePath(protocol, model);
  const target = probeTarget(url, {
    allowHosts: options.allowHost ?? [],
    authorised: options.authorised === true,
  });
  if (!PATH.test(path))
    throw new VallumError('PROBE_OPTION', `--path ${JSON.stringify(path)} is no path`, { fix: 'begin it with /' });
  return {
    target,
    model,
    protocol,
    path,
    oversizeBytes: PROBE_BOUNDS.oversizeBytes,
    rate: count('--rate', options.rate, MOST_RATE),
    ...(quota === undefined ? {} : { quota: count('--quota', quota, PROBE_BOUNDS.mostQuota) }),
    ...(keyFile === undefined ? {} : { key: await readNamed(disk, keyNamed(keyFile), keyIn) }),
    ...(input === undefined
      ? {}
      : {
          input: await disk.read(input, MAX_INPUT_BYTES),
        }),
  };
}

function count(option: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
  throw new VallumError('PROBE_OPTION', `${option} ${JSON.stringify(text)} is no number from 1 to ${most}`, {
    fix: `write ${option} ${Math.min(most, 20)}`,
  });
}

const keyNamed = (path: string) => ({
  path,
  name: path,
  limit: MAX_KEY_BYTES,
  fix: 'write the key alone into a file: vallum gateway keys create prints it',
});

function keyIn(bytes: Uint8Array): string {
  const key = Buffer.from(bytes).toString('utf8').trim();
  if (TOKEN.test(key)) return key;
  throw new VallumError('PROBE_KEY', 'it holds no key: one line of printable characters without spaces');
}

function sendAll(settings: ProbeSettings, { signal, progress }: RunContext): Promise<ProbeSeen> {
  return runProbe(settings, {
    wire: rawWire(settings.target),
    wait: async (ms) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      signal.throwIfAborted();
    },
    random: randomBytes,
    ticks: () => performance.now(),
    progress,
  });
}

interface Ran {
  readonly result: ControlResult;
  readonly evidence: Evidence;
}

/** What is seen is told in any case; it is evidence only where a project is at hand and somebody may say so. */
async function runAndSign(io: Io, task: Task): Promise<Ran> {
  const session = await sessionOf(io);
  const why =
    session === undefined
      ? `there is no vallum.yaml in ${io.folder}`
      : keyOf(session) === undefined
        ? `no key in ${session.keysFolder} may produce ${KIND}`
        : undefined;
  const progress = (message: string): void => io.progress.say(message);
  if (session === undefined || why !== undefined) {
    const result = await runTask(task, { timeoutMs: PROBE_MS, progress });
    return { result, evidence: { kind: 'none', why: why ?? '' } };
  }
  const ledger = await openProjectLedger(session);
  try {
    const [report] = await runPlan([task], {
      tool: TOOL,
      clock: session.clock,
      kinds: session.kinds,
      timeoutMs: PROBE_MS,
      progress,
      reuse: () => ({ kind: 'none' }),
      keyFor: () => keyOf(session),
      save: (envelope, blob) => saveEvidence(session, ledger, envelope, blob),
    });
    if (report?.statement === undefined || report.coverage === undefined)
      throw new VallumError('PROBE_EVIDENCE', 'what the probe saw was not signed', {}, 'internal');
    return {
      result: { ...report, coverage: report.coverage },
      evidence: { kind: 'statement', id: report.statement },
    };
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

async function sessionOf(io: Io): Promise<Session | undefined> {
  try {
    return await openSession(io);
  } catch (error) {
    if (error instanceof VallumError && error.code === 'PROJECT_MISSING') return undefined;
    throw error;
  }
}

const keyOf = (session: Session) => keyWithRole(session, session.kinds.get(KIND)?.role ?? `produce:${KIND}`);

interface Told extends Ran {
  readonly task: Task;
  readonly seen: ProbeSeen;
}

function textOf({ style }: Io, { task, result, seen, evidence }: Told): string {
  const { outcome, reason, coverage } = result;
  const number = (verdict: Checked['verdict']): number =>
    seen.checks.filter((check) => check.verdict === verdict).length;
  const shown = seen.checks.filter(({ verdict }) => verdict !== 'pass');
  const rows = shown.map(({ verdict, id, came, sent }) => [
    { text: verdict, paint: (text: string) => colourOf(style, verdict) + text.slice(verdict.length) },
    { text: printable(id) },
    { text: printable(came) },
    { text: printable(sent), paint: style.dim },
  ]);
  return [
    `${printable(task.subject.name)}: ${colourOf(style, outcome)}${reason === undefined ? '' : `, ${printable(reason.message)}`}`,
    `  ${seen.checks.length} checks with ${seen.requests} requests: ${number('pass')} refused, ${number('fail')} let through, ${number('inconclusive')} unclear`,
    ...(rows.length === 0 ? [] : [table(rows)]),
    ...coverage.notExamined
      .filter(({ what }) => !shown.some(({ id }) => id === what))
      .map(({ what, why }) => style.dim(`  not examined: ${what}: ${printable(why)}`)),
    evidence.kind === 'none' ? `No evidence: ${printable(evidence.why)}` : `Evidence ${evidence.id.slice(0, 12)}`,
  ].join('\n');
}
