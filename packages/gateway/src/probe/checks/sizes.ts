// Heads and bodies that are too large must be refused before they were read: whoever waits for ten gigabytes has lost already.
import type { Came, Checked } from '../check.js';
import { judgedAs, refusal, told } from '../check.js';
import type { Probe } from '../probe.js';
import { requestBytes } from '../request.js';
import { PROBE_BOUNDS } from '../rules.js';
import { answersOf } from '../answers.js';

const PIECE = 64 * 1024;
const WAIT = { answerMs: 4_000, quietMs: 0 };
const EXPECTED = 'a refusal (4xx) or a closed connection, before the body is there';

export async function sizeChecks(probe: Probe): Promise<readonly Checked[]> {
  const { oversizeBytes, path } = probe.settings;
  const declared = PROBE_BOUNDS.declaredBytes;
  const head = (...lines: readonly string[]): Buffer =>
    requestBytes({ method: 'POST', path, headers: [...probe.headers(), ...lines] });
  const spaces = Buffer.alloc(PIECE, ' ');
  const asked: Checked[] = [];
  const add = (id: string, sent: string, came: Came): void =>
    void asked.push(
      judgedAs({ id: `size.${id}`, rule: 'VLM-GWP-004', sent, expected: EXPECTED }, refused(came), told(came)),
    );
  add(
    'declared',
    `a body that says it has ${declared} bytes, and its first ${PIECE}`,
    await probe.ask([head(`Content-Length: ${declared}`), spaces], WAIT),
  );
  asked.push(await expectCheck(probe, head(`Content-Length: ${declared}`, 'Expect: 100-continue')));
  add(
    'endless',
    `a chunked body without end, ${oversizeBytes} bytes of it`,
    await probe.ask(endless(head('Transfer-Encoding: chunked'), oversizeBytes), WAIT),
  );
  const filler = `X-Filler: ${'a'.repeat(PROBE_BOUNDS.headerBytes)}`;
  add(
    'head',
    `a head of ${PROBE_BOUNDS.headerBytes} bytes`,
    await probe.ask(probe.infer({ headers: [...probe.headers(), filler] })),
  );
  return asked;
}

/** Silence is no refusal here: the server waits for more. */
function refused(came: Came): Checked['verdict'] {
  return came.kind === 'silent' ? 'fail' : refusal(came);
}

/** Whoever says `continue` to such a body wants it. */
async function expectCheck(probe: Probe, head: Buffer): Promise<Checked> {
  const [heard] = await probe.talk([[head]], { answerMs: 2_000, quietMs: 0 });
  const wants = heard !== undefined && answersOf(heard.bytes, false).some(({ status }) => status === 100);
  const came = probe.cameOf(heard);
  const trial = {
    id: 'size.expect',
    rule: 'VLM-GWP-004' as const,
    sent: `a head that says ${PROBE_BOUNDS.declaredBytes} bytes come, and asks whether it may send them`,
    expected: EXPECTED,
  };
  return wants ? judgedAs(trial, 'fail', 'continue (100)') : judgedAs(trial, refusal(came), told(came));
}

/** From its beginning each time that it is sent: a busy server is asked again. */
function endless(head: Buffer, bytes: number): Iterable<Uint8Array> {
  const chunk = Buffer.from(`${PIECE.toString(16)}\r\n${' '.repeat(PIECE)}\r\n`);
  return {
    *[Symbol.iterator]() {
      yield head;
      for (let sent = 0; sent < bytes; sent += PIECE) yield chunk;
    },
  };
}
