// Clients that people use, through the whole gateway as a process of its own: npm openai, grpc-js, and fetch for the Open
// Inference Protocol and MLflow.
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grpcClient, startModelServer } from '../../packages/gateway/src/edge/grpc/testing/grpc-peers.js';
import type { GrpcClient, InferHandler, ModelServer } from '../../packages/gateway/src/edge/grpc/testing/grpc-peers.js';
import { GatewayHome, NO_VERDICT } from '../support/gateway-process.js';
import type { Running } from '../support/gateway-process.js';
import type { Answering, ModelUpstream } from '../support/gateway-upstreams.js';
import { ask, INFER, probabilities, QUESTION, sendJson, startUpstream } from '../support/gateway-upstreams.js';

const SECRET = 'AKIAQ3EGRIZ5FWXKL2PT';
const SAID = `the key is ${SECRET}, keep it`;

const openAiLike: Answering = ({ path, body }, response) => {
  const asked = JSON.parse(body.toString() || '{}') as { stream?: boolean; messages?: { content: string }[] };
  const tell = asked.messages?.at(-1)?.content === 'tell';
  const text = tell ? SAID : 'good day to you';
  if (path === '/v1/embeddings')
    return sendJson(response, {
      object: 'list',
      model: 'bird',
      data: [{ object: 'embedding', index: 0, embedding: [0.25, -0.5, 1] }],
      usage: { prompt_tokens: 2, total_tokens: 2 },
    });
  if (asked.stream !== true)
    return sendJson(response, {
      id: 'chat-1',
      object: 'chat.completion',
      created: 1,
      model: 'bird',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: text } }],
      usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 },
    });
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  // Three characters at a time: no chunk holds the whole secret.
  const parts = text.match(/.{1,3}/gs) ?? [];
  const event = (delta: object, finish: string | null): string =>
    `data: ${JSON.stringify({ id: 'chat-1', object: 'chat.completion.chunk', created: 1, model: 'bird', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const next = (at: number): void => {
    const part = parts[at];
    if (part === undefined) return void response.end(`${event({}, 'stop')}data: [DONE]\n\n`);
    response.write(event({ content: part }, null));
    setImmediate(() => next(at + 1));
  };
  next(0);
};

/** Two tensors in binary form come back as one, doubled. */
const binaryLike: Answering = (request, response) => {
  const length = Number(request.headers['inference-header-content-length']);
  if (Number.isNaN(length)) return probabilities(request, response);
  const numbers = new Float32Array(new Uint8Array(request.body.subarray(length)).buffer);
  const data = Buffer.from(numbers.map((number) => number * 2).buffer);
  const head = Buffer.from(
    JSON.stringify({
      model_name: 'digits',
      outputs: [
        { name: 'y', datatype: 'FP32', shape: [1, numbers.length], parameters: { binary_data_size: data.length } },
      ],
    }),
  );
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(head.length),
    'content-length': head.length + data.length,
  });
  response.end(Buffer.concat([head, data]));
};

/** The bytes of the question, as the tensor that they were. */
const reversed: InferHandler = ({ request: { model_name, inputs = [], raw_input_contents = [] } }, answer) => {
  const outputs = inputs.map(({ datatype, shape }) => ({ name: 'y', datatype, shape }));
  const raw = raw_input_contents.map((bytes) => Buffer.from(bytes).reverse());
  const message = { model_name, outputs, raw_output_contents: raw };
  answer(null, message);
};

const mlflowLike: Answering = (_, response) => sendJson(response, { predictions: [0.75, 0.25] });

describe('real clients', () => {
  let home: GatewayHome;
  let gateway: Running;
  let key: string;
  let openai: ModelUpstream;
  let oip: ModelUpstream;
  let mlflow: ModelUpstream;
  let grpc: ModelServer;
  let client: GrpcClient;

  beforeAll(async () => {
    [openai, oip, mlflow, grpc] = await Promise.all([
      startUpstream(openAiLike),
      startUpstream(binaryLike),
      startUpstream(mlflowLike),
      startModelServer(reversed),
    ]);
    const listen = { rest: { address: '127.0.0.1:0' }, grpc: { address: '127.0.0.1:0' } };
    home = new GatewayHome({
      listen,
      upstreams: {
        openai: { url: openai.url },
        oip: { url: oip.url },
        mlflow: { url: mlflow.url },
        grpc: { url: grpc.url },
      },
      routes: [
        { model: 'bird', protocol: 'openai', upstream: 'openai', serving: NO_VERDICT },
        { model: 'digits', protocol: 'oip', upstream: 'oip', serving: NO_VERDICT },
        { model: 'wine', protocol: 'mlflow', upstream: 'mlflow', serving: NO_VERDICT },
        { model: 'digits', protocol: 'oip-grpc', upstream: 'grpc', serving: NO_VERDICT },
      ],
    });
    key = await home.key('web');
    gateway = await home.start({ workers: 2 });
    client = grpcClient(gateway.grpcPort);
  });
  afterAll(async () => {
    client.close();
    await home.end();
    grpc.kill();
    await Promise.all([openai, oip, mlflow].map((one) => one.close()));
  });

  const chat = (with_ = key): OpenAI => new OpenAI({ baseURL: `${gateway.rest}/v1`, apiKey: with_, maxRetries: 0 });
  const messages = (content: string) => [{ role: 'user' as const, content }];

  describe('npm openai', () => {
    it('chats, whole and streamed', async () => {
      const whole = await chat().chat.completions.create({ model: 'bird', messages: messages('hello') });
      expect(whole.choices[0]?.message.content).toBe('good day to you');
      expect(whole.usage?.total_tokens).toBe(5);
      const stream = await chat().chat.completions.create({ model: 'bird', messages: messages('hello'), stream: true });
      let text = '';
      let end: string | null | undefined;
      for await (const { choices } of stream) {
        text += choices[0]?.delta.content ?? '';
        end = choices[0]?.finish_reason ?? end;
      }
      expect([text, end]).toEqual(['good day to you', 'stop']);
      expect(openai.arrived.at(-1)?.headers.authorization).toBeUndefined();
    });

    it('embeds', async () => {
      const made = await chat().embeddings.create({ model: 'bird', input: 'good day', encoding_format: 'float' });
      expect(made.data[0]?.embedding).toEqual([0.25, -0.5, 1]);
    });

    it('is told that its key is wrong, in the form in which it reads errors', async () => {
      const before = openai.arrived.length;
      const wrong = await chat(key.slice(0, -1) + (key.endsWith('x') ? 'y' : 'x'))
        .chat.completions.create({ model: 'bird', messages: messages('hello') })
        .catch((error: unknown) => error);
      expect(wrong).toBeInstanceOf(OpenAI.AuthenticationError);
      expect(wrong).toMatchObject({ status: 401, error: { code: 'unauthenticated' } });
      expect(openai.arrived).toHaveLength(before);
    });

    it('gets no secret of the model, whole or over many chunks', async () => {
      const whole = await chat().chat.completions.create({ model: 'bird', messages: messages('tell') });
      const text = whole.choices[0]?.message.content ?? '';
      expect(text).not.toContain(SECRET);
      expect([text.startsWith('the key is '), text.endsWith(', keep it')]).toEqual([true, true]);
      const stream = await chat().chat.completions.create({ model: 'bird', messages: messages('tell'), stream: true });
      let streamed = '';
      for await (const { choices } of stream) streamed += choices[0]?.delta.content ?? '';
      expect(streamed).toBe(text);
    });
  });

  describe('grpc-js', () => {
    const request = {
      model_name: 'digits',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2] }],
      raw_input_contents: [Buffer.from([1, 2, 3, 0, 4, 5, 6, 0])],
    };
    it('asks with its key and reads the answer and the id of the decision', async () => {
      const { answer, error, metadata } = await client.ask(
        'ModelInfer',
        request,
        {},
        { authorization: `Bearer ${key}` },
      );
      expect(error).toBeUndefined();
      expect(answer?.model_name).toBe('digits');
      expect(answer?.raw_output_contents[0]).toEqual(Buffer.from([0, 6, 5, 4, 0, 3, 2, 1]));
      expect(metadata.get('x-vallum-decision')[0]).toMatch(/^[0-9a-f]{32}$/);
      expect(grpc.calls.at(-1)?.metadata.get('authorization')).toEqual([]);
    });

    it('is turned away without a key, with a wrong one, and for another model, and nothing reaches the model', async () => {
      const before = grpc.calls.length;
      const codes = await Promise.all([
        client.ask('ModelInfer', request),
        client.ask('ModelInfer', request, {}, { authorization: 'Bearer nonsense' }),
        client.ask('ModelInfer', { ...request, model_name: 'other' }, {}, { authorization: `Bearer ${key}` }),
        client.ask(
          'ModelInfer',
          { ...request, raw_input_contents: [Buffer.alloc(7)] },
          {},
          { authorization: `Bearer ${key}` },
        ),
      ]);
      // UNAUTHENTICATED twice; INVALID_ARGUMENT for the wrong model of the only route, and for bytes that are not its shape.
      expect(codes.map(({ error }) => error?.code)).toEqual([16, 16, 3, 3]);
      expect(grpc.calls).toHaveLength(before);
    });
  });

  describe('fetch', () => {
    it('asks a model in JSON', async () => {
      const answer = await ask(gateway.rest, key);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-vallum-decision')).toMatch(/^[0-9a-f]{32}$/);
      expect(await answer.json()).toMatchObject({ outputs: [{ name: 'probabilities', data: [0.2, 0.5, 0.3] }] });
      expect(JSON.parse(oip.arrived.at(-1)?.body.toString() ?? '')).toMatchObject(QUESTION);
    });

    it('asks a model in binary tensors', async () => {
      const numbers = Buffer.from(new Float32Array([1.5, -2, 4]).buffer);
      const input = { name: 'x', datatype: 'FP32', shape: [1, 3], parameters: { binary_data_size: numbers.length } };
      const head = Buffer.from(JSON.stringify({ inputs: [input] }));
      const send = (length: number): Promise<Response> =>
        fetch(`${gateway.rest}${INFER}`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${key}`,
            'content-type': 'application/octet-stream',
            'inference-header-content-length': String(length),
          },
          body: Buffer.concat([head, numbers]),
        });
      const answer = await send(head.length);
      expect(answer.status).toBe(200);
      const from = Number(answer.headers.get('inference-header-content-length'));
      const bytes = new Uint8Array(await answer.arrayBuffer());
      expect([...new Float32Array(bytes.slice(from).buffer)]).toEqual([3, -4, 8]);
      const before = oip.arrived.length;
      expect((await send(head.length + 4)).status).toBe(400);
      expect(oip.arrived).toHaveLength(before);
    });

    it('asks MLflow, and only what it serves', async () => {
      const body = {
        dataframe_split: {
          columns: ['a', 'b'],
          data: [
            [1, 2],
            [3, 4],
          ],
        },
      };
      const answer = await ask(gateway.rest, key, { path: '/wine/invocations', body });
      expect([answer.status, await answer.json()]).toEqual([200, { predictions: [0.75, 0.25] }]);
      expect(mlflow.arrived.at(-1)).toMatchObject({ method: 'POST', path: '/invocations' });
      const before = mlflow.arrived.length;
      expect((await ask(gateway.rest, key, { path: '/wine/api/2.0/mlflow/experiments/list', body })).status).toBe(404);
      expect((await ask(gateway.rest, key, { path: '/wine/invocations', body: { ...body, inputs: [1] } })).status).toBe(
        400,
      );
      expect(mlflow.arrived).toHaveLength(before);
    });
  });
});
