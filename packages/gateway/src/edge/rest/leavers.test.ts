// Callers who leave at the wrong moment, send the next request too early, or never read: nothing of theirs stays behind.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import type { Admission } from '../../door/parts.js';
import { echoUpstream } from '../../testing/echo-upstream.js';
import type { BenchOptions, RestBench } from '../../testing/rest-bench.js';
import { raw, restBench, statuses } from '../../testing/rest-bench.js';

let bench: RestBench | undefined;
afterEach(() => bench?.close());

const HEAD = 'POST /v2/models/digits/infer HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n';
const WHOLE = `${HEAD}Content-Length: 2\r\n\r\n{}`;

/** A bench that counts who is inside. */
async function counting(
  options: BenchOptions = {},
  admit: (admission: Admission) => Admission | Promise<Admission> = (admission) => admission,
): Promise<{ readonly here: RestBench; readonly inside: () => number; readonly places: () => number }> {
  let [inside, places] = [0, 0];
  const here = await restBench({
    ...options,
    parts: {
      admit: () => {
        inside += 1;
        return admit({ charge: () => undefined, done: () => (inside -= 1) });
      },
      upstream: () => ({
        enter: () => {
          places += 1;
          return { leave: () => (places -= 1) };
        },
        report: () => undefined,
      }),
      ...options.parts,
    },
  });
  bench = here;
  return { here, inside: () => inside, places: () => places };
}

function open(port: number, text: string): Socket {
  const socket = connect(port, '127.0.0.1', () => socket.write(text));
  socket.on('error', () => undefined);
  return socket;
}

async function until(is: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !is(); tries += 1) await wait(10);
  expect(is()).toBe(true);
}

it('a second request before the first is answered ends the connection, and nobody stays inside', async () => {
  const upstream = await echoUpstream(() => new Promise(() => undefined));
  const { here, inside, places } = await counting({ upstream });
  const socket = open(here.port, `${WHOLE}${HEAD}Content-Length: 500\r\n\r\nshort`);
  await new Promise((resolve) => socket.once('close', resolve));
  await until(() => inside() === 0 && places() === 0 && here.parts.decisions.length === 2);
  expect(here.parts.decisions.map(({ outcome, code }) => [outcome, code])).toEqual(
    expect.arrayContaining([
      ['refused', 'bad-framing'],
      ['failed', 'time-out'],
    ]),
  );
});

it('requests one after the other on a connection go on', async () => {
  const { here, inside } = await counting();
  expect(statuses(await raw(here.port, [WHOLE]))).toEqual([200]);
  const socket = open(here.port, WHOLE);
  let answers = 0;
  socket.on('data', (chunk: Buffer) => {
    answers += statuses(chunk.toString('latin1')).length;
    if (answers < 3) socket.write(WHOLE);
  });
  await until(() => answers === 3);
  socket.destroy();
  expect(inside()).toBe(0);
});

it('who leaves while budgets are asked for is let out again, and recorded', async () => {
  let go = (): void => undefined;
  const gate = new Promise<void>((resolve) => (go = resolve));
  const { here, inside } = await counting({}, (admission) => gate.then(() => admission));
  const socket = open(here.port, WHOLE);
  await until(() => inside() === 1);
  socket.destroy();
  await wait(50);
  go();
  await until(() => inside() === 0 && here.parts.decisions.length === 1);
  expect(here.parts.decisions).toMatchObject([{ status: 499 }]);
  expect(here.upstream.received).toEqual([]);
});

it('who leaves in the middle of a body is let out again', async () => {
  const { here, inside } = await counting();
  const socket = open(here.port, `${HEAD}Content-Length: 500\r\n\r\nshort`);
  await until(() => inside() === 1);
  socket.destroy();
  await until(() => inside() === 0);
});

it('who does not read a long answer is cut off', async () => {
  const upstream = await echoUpstream(() => ({ body: Buffer.alloc(12 * 1024 * 1024) }));
  const { here, places } = await counting({ upstream, settings: { http: { requestSeconds: 0.3 } } });
  const socket = open(here.port, WHOLE);
  socket.pause();
  await until(() => here.parts.decisions.length === 1 && places() === 0);
  // The end shows only to who reads; nothing of the answer is left in the server.
  await wait(1_500);
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
  expect(bytes).toBeLessThan(12 * 1024 * 1024);
});

it('a record that never comes ends in no answer of the model', { timeout: 20_000 }, async () => {
  const { here } = await counting({
    settings: { records: { durable: 'before' } },
    parts: { recorder: { ready: true, record: () => new Promise(() => undefined) } },
  });
  expect(statuses(await raw(here.port, [WHOLE], 200, 15_000))).toEqual([503]);
});

it('a request that was turned away and then breaks gets no second answer', async () => {
  const { here } = await counting();
  const head = 'POST /v2/models/digits/infer HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  const socket = open(here.port, head);
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1');
    socket.write('nonsense\r\n');
  });
  await new Promise((resolve) => socket.once('close', resolve));
  expect(statuses(answer)).toEqual([401]);
});
