// `vallum gateway canary`: asks the approved model what the file of inputs says, and signs its answers. Whoever signs
// vouches that it was the approved model that answered: nothing on a wire proves which bytes a server has loaded.
import { parseJsonStrict, VallumError } from '@vallum/core';
import type { JsonValue, Sha256 } from '@vallum/core';
import type { Ask, CanaryContent, CanaryRequest, Exchange, Tolerance } from '@vallum/gateway';
import {
  askUpstream,
  bodyOf,
  buildCanary,
  CANARY_ROLES,
  canaryRequest,
  firstDifference,
  isBusy,
  MOST_EXCHANGES,
} from '@vallum/gateway';
import { readEnvelope, signStatement } from '@vallum/trust';
import type { SigningKey } from '@vallum/trust';
import * as z from 'zod';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { readNamed } from '../project/read-named.js';
import { servingReader } from '../project/serving-verdict.js';
import type { Session } from '../project/session.js';
import { keyWithRole, openSession } from '../project/session.js';
import { versionOf } from '../project/target.js';
import { writeFresh } from '../project/write-fresh.js';

export interface CanaryOptions {
  readonly upstream: string;
  readonly inputs: string;
  readonly output: string;
  /** Largest relative difference of a number. */
  readonly tolerance: string;
  /** JSON pointers of what differs between any two answers, such as `/id`. */
  readonly ignore?: readonly string[];
}

const inputsFile = z.strictObject({
  schema: z.literal('vallum/canary-inputs/v1'),
  requests: z.array(canaryRequest).min(1).max(MOST_EXCHANGES),
});
const MAX_INPUT_BYTES = 1024 * 1024;
const ANSWER_MS = 30_000;
/** Numbers near zero differ in their last digits by more than any share of them. */
const ABSOLUTE = 1e-6;

export async function gatewayCanaryCommand(io: Io, target: string, options: CanaryOptions): Promise<Answer> {
  const tolerance = { absolute: ABSOLUTE, relative: toleranceOf(options.tolerance) };
  const requests = await readInputs(io, options.inputs);
  const session = await openSession(io);
  const version = versionOf(session, target);
  const key = signerOf(session);
  const subject = await approvedSubject(io, version);
  const ignore = options.ignore ?? [];
  const upstream = askUpstream({ url: options.upstream, timeoutMs: ANSWER_MS });
  const exchanges: Exchange[] = [];
  try {
    for (const [index, request] of requests.entries()) {
      io.progress.say(`asking ${index + 1} of ${requests.length}`);
      exchanges.push({ request, answer: await steadyAnswer(upstream.ask, request, { tolerance, ignore, index }) });
    }
  } finally {
    await upstream.close();
  }
  const name = `${session.declaration.project}@${version}`;
  const content: CanaryContent = {
    exchanges,
    tolerance,
    ignore: [...ignore],
    createdAt: session.clock().toISOString(),
  };
  const envelope = signStatement(buildCanary(name, subject, content), key);
  await writeFresh(io, options.output, envelope);
  const { id } = readEnvelope(envelope);
  return {
    exit: EXIT.pass,
    text: [
      `Signed ${exchanges.length} answers of ${name} (${subject.slice(0, 12)}): ${printable(options.output)}`,
      '  keep it from the upstream: whoever knows it can answer it rightly',
    ].join('\n'),
    json: {
      schema: 'vallum/gateway-canary/v1',
      id,
      target: name,
      subject,
      exchanges: exchanges.length,
      tolerance,
      ignore,
      file: options.output,
    },
  };
}

function toleranceOf(text: string): number {
  const value = /^\d*\.?\d+(?:e-?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (value >= 0 && value <= 0.5) return value;
  throw new VallumError('CANARY_TOLERANCE', `--tolerance ${JSON.stringify(text)} is no number from 0 to 0.5`, {
    fix: 'write --tolerance 1e-4',
  });
}

function readInputs({ disk }: Io, path: string): Promise<readonly CanaryRequest[]> {
  const file = { path, name: path, limit: MAX_INPUT_BYTES, fix: 'see docs/serving-gate.md' };
  return readNamed(disk, file, (bytes) => {
    const read = inputsFile.safeParse(parseJsonStrict(bytes));
    if (read.success) return read.data.requests;
    const [issue] = read.error.issues;
    throw new VallumError('CANARY_INPUTS', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is malformed'}`);
  });
}

/** @throws VallumError `ACT_NO_ROLE` */
function signerOf(session: Session): SigningKey {
  for (const role of CANARY_ROLES) {
    const key = keyWithRole(session, role);
    if (key !== undefined) return key;
  }
  throw new VallumError('ACT_NO_ROLE', `no key in ${session.keysFolder} holds the role ${CANARY_ROLES.join(' or ')}`, {
    fix: 'set VALLUM_KEYS to the folder of somebody who does, or ask for enrolment',
  });
}

/** @throws VallumError `CANARY_VERDICT` (not proven): answers of a model that nobody approved are no canary */
async function approvedSubject(io: Io, version: string): Promise<Sha256> {
  const look = await servingReader(io, version).deployLook();
  if (look.kind === 'pass') return look.subject;
  throw new VallumError(
    'CANARY_VERDICT',
    `no deploy verdict approves ${version}: ${look.reason}`,
    { fix: 'run vallum check, and have it approved' },
    'unproven',
  );
}

interface Steadiness {
  readonly tolerance: Tolerance;
  readonly ignore: readonly string[];
  readonly index: number;
}

/** Asked twice: what differs from one time to the next would raise a false alarm at every look. */
async function steadyAnswer(
  ask: Ask,
  request: CanaryRequest,
  { tolerance, ignore, index }: Steadiness,
): Promise<Exchange['answer']> {
  const what = `the answer to request ${index + 1}`;
  const first = await answerTo(ask, request, what);
  const second = await answerTo(ask, request, what);
  const at = first.status === second.status ? firstDifference(first.body, second.body, tolerance, ignore) : '';
  if (at === undefined) return first;
  throw new VallumError(
    'CANARY_UNSTEADY',
    `${what} is another one when it is asked twice, at ${at === '' ? 'its root' : at}`,
    {
      fix: `leave it out with --ignore ${at === '' ? '/id' : at}, or ask something else`,
    },
  );
}

async function answerTo(ask: Ask, request: CanaryRequest, what: string): Promise<{ status: number; body: JsonValue }> {
  const answer = await ask(request);
  if (isBusy(answer.status) || answer.status < 200 || answer.status >= 300)
    throw new VallumError('CANARY_ANSWER', `${what} has the status ${answer.status}`, {
      fix: 'give requests that the model answers',
    });
  const body = bodyOf(answer);
  if (body === undefined)
    throw new VallumError('CANARY_ANSWER', `${what} is no JSON`, { fix: 'give requests that are answered with JSON' });
  return { status: answer.status, body: body.value };
}
