// Requests whose end two parsers may see in different places (request smuggling, RFC 9112 section 11.2; CL.TE, TE.CL, TE.TE,
// CL.0). Each goes out on a connection of its own with a good request behind it, on that connection and on a new one: it must
// be refused, and no answer may be one too many or somebody else's.
import framing from '../framing.json' with { type: 'json' };
import type { Checked } from '../check.js';
import { isBusyStatus, judgedAs, refusal, told } from '../check.js';
import type { Probe } from '../probe.js';
import { requestBytes } from '../request.js';
import { isGood } from './control.js';

interface Ambiguous {
  readonly id: string;
  readonly bytes: Buffer;
  /** RFC 9112 lets a server accept it; the connection must be in step all the same. */
  readonly serve: boolean;
}

const HIDDEN = '/vallum-probe-hidden';
const RETRIES = 3;

export async function framingChecks(probe: Probe, quietMs: number): Promise<readonly Checked[]> {
  const found: Checked[] = [];
  for (const each of ambiguous(probe)) found.push(await tryOne(probe, each, quietMs));
  return found;
}

async function tryOne(probe: Probe, { id, bytes, serve }: Ambiguous, quietMs: number): Promise<Checked> {
  const follow = requestBytes(probe.infer());
  const trial = {
    id: `framing.${id}`,
    rule: 'VLM-GWP-010' as const,
    sent: `${bytes.length} bytes: ${id}`,
    expected: serve
      ? 'one answer at most, and the next request gets its own'
      : 'a refusal (4xx) or a closed connection, and the next request gets its own answer',
  };
  for (let tries = 0; ; tries += 1) {
    const [first, second] = await probe.talk([[bytes], [follow]], { answerMs: 1_500, quietMs });
    const answers = probe.answers(first);
    const came = probe.cameOf(first);
    const [busy] = [...answers, ...probe.answers(second)].filter(({ status }) => isBusyStatus(status));
    if (busy !== undefined) {
      if (tries === RETRIES) return judgedAs(trial, 'inconclusive', `status ${busy.status}`);
      await probe.later(busy);
      continue;
    }
    if (answers.length > 1)
      return judgedAs(trial, 'fail', `${answers.length} answers: ${answers.map(({ status }) => status).join(', ')}`);
    const isServed = serve && isGood(came);
    const verdict = isServed ? 'pass' : refusal(came);
    if (verdict !== 'pass') return judgedAs(trial, verdict, told(came));
    const step = probe.answers(second);
    const isInStep =
      second === undefined ||
      step.length === 0 ||
      (step.length === 1 && step[0] !== undefined && isGood({ kind: 'answer', answer: step[0] }));
    if (!isInStep)
      return judgedAs(
        trial,
        'fail',
        `${told(came)}; then ${step.map(({ status }) => status).join(', ')} to one good request`,
      );
    const next = await probe.ask(probe.infer());
    if (isGood(next)) return judgedAs(trial, 'pass', told(came));
    const isDoubt = next.kind !== 'answer' || isBusyStatus(next.answer.status);
    return judgedAs(trial, isDoubt ? 'inconclusive' : 'fail', `${told(came)}; the next good request: ${told(next)}`);
  }
}

function ambiguous(probe: Probe): readonly Ambiguous[] {
  const good = Buffer.from(probe.body).toString('latin1');
  const count = good.length;
  const hidden = `GET ${HIDDEN} HTTP/1.1\r\nHost: ${probe.host}\r\n\r\n`;
  const chunked = `${count.toString(16)}\r\n${good}\r\n0\r\n\r\n`;
  const make = (id: string, lines: readonly string[], body: string, serve = false): Ambiguous => ({
    id,
    bytes: Buffer.concat([
      requestBytes({ method: 'POST', path: probe.settings.path, headers: [...probe.headers(), ...lines] }),
      Buffer.from(body, 'latin1'),
    ]),
    serve,
  });
  const shown = (value: string): string => JSON.stringify(value);
  const coded = [...framing.codings].flatMap((line) => [
    make(`a length, ${shown(line)}, a chunked body`, [`Content-Length: ${chunked.length}`, line], chunked),
    make(`a length, ${shown(line)}, a plain body`, [`Content-Length: ${count}`, line], good),
  ]);
  const sized = (text: string, size: string): string => text.replaceAll('N', size);
  return [
    make('CL.TE', [`Content-Length: ${5 + hidden.length}`, 'Transfer-Encoding: chunked'], `0\r\n\r\n${hidden}`),
    make(
      'TE.CL',
      ['Transfer-Encoding: chunked', 'Content-Length: 4'],
      `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
    ),
    ...coded,
    ...(framing.lengths as readonly { text: string; serve?: boolean }[]).map(({ text, serve }) =>
      make(`the length ${shown(text)}`, [`Content-Length: ${sized(text, String(count))}`], good, serve),
    ),
    ...(framing.chunkSizes as readonly { text: string; serve?: boolean }[]).map(({ text, serve }) =>
      make(
        `the chunk size ${shown(text)}`,
        ['Transfer-Encoding: chunked'],
        `${sized(text, count.toString(16))}\r\n${good}\r\n0\r\n\r\n`,
        serve,
      ),
    ),
    ...(framing.lines as readonly { text: string; serve?: boolean }[]).map(({ text, serve }) =>
      make(`the line ${shown(text)}`, [text, `Content-Length: ${count}`], good, serve),
    ),
    make(
      'chunk data longer than its size',
      ['Transfer-Encoding: chunked'],
      `${(count - 1).toString(16)}\r\n${good}\r\n0\r\n\r\n`,
    ),
    make(
      'a request among the trailers',
      ['Transfer-Encoding: chunked'],
      `${chunked.slice(0, -2)}GET ${HIDDEN} HTTP/1.1\r\n\r\n`,
    ),
    bareLines(probe, good),
    clZero(probe, hidden),
  ];
}

function bareLines(probe: Probe, good: string): Ambiguous {
  const lines = [`POST ${probe.settings.path} HTTP/1.1`, ...probe.headers(), `Content-Length: ${good.length}`];
  return {
    id: 'lines that end in LF alone',
    bytes: Buffer.from(`${lines.join('\n')}\n\n${good}`, 'latin1'),
    serve: false,
  };
}

/** A body where many expect none: what ignores its length takes it for a request. */
function clZero(probe: Probe, hidden: string): Ambiguous {
  const request = { method: 'GET', path: probe.settings.path, headers: probe.headers(), body: Buffer.from(hidden) };
  return { id: 'CL.0, a body on a GET', bytes: requestBytes(request), serve: true };
}
