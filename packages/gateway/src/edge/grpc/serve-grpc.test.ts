// Real clients and servers of @grpc/grpc-js on both sides of the gRPC listener.
import { status as codes } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { refuse } from '../../door/refusal.js';
import type { GrpcClient, InferHandler, ModelServer } from './testing/grpc-peers.js';
import { echo, grpcClient, startModelServer } from './testing/grpc-peers.js';
import type { TestGateway } from './testing/gateway.js';
import { Opened, startGateway } from './testing/gateway.js';
import { moment } from './testing/moment.js';

const opened = new Opened();
afterEach(() => opened.end());

async function house(
  infer: InferHandler = echo,
  more: Parameters<typeof startGateway>[1] = {},
): Promise<{ model: ModelServer; gateway: TestGateway; client: GrpcClient }> {
  const model = opened.add(await startModelServer(infer), (it) => it.kill());
  const gateway = await startGateway(model.url, more);
  opened.add(gateway, async (it) => {
    it.upstream.close();
    await it.server.close(0);
  });
  const client = opened.add(grpcClient(gateway.port), (it) => it.close());
  return { model, gateway, client };
}

const request = (bytes: Buffer): object => ({ model_name: 'spam', raw_input_contents: [bytes] });

describe('a call through the gateway', () => {
  it.each([1_000, 600_000])('carries %i bytes there and back', async (size) => {
    const { gateway, client, model } = await house();
    const bytes = Buffer.from(Array.from({ length: size }, (_, i) => i % 251));
    const { answer, error, metadata } = await client.ask('ModelInfer', request(bytes));
    expect(error).toBeUndefined();
    expect(answer?.raw_output_contents[0]?.equals(Buffer.from(bytes).reverse())).toBe(true);
    expect(model.calls).toHaveLength(1);
    expect(metadata.get('x-vallum-decision')).toEqual(['d-1']);
    expect(gateway.door.ended).toEqual([{ status: 200, bytesOut: expect.any(Number) as number }]);
    expect(gateway.door.reported).toEqual([true]);
  });

  it('serves many calls at once over one connection', async () => {
    const { client, model } = await house();
    const asked = Array.from({ length: 250 }, (_, i) => client.ask('ModelInfer', request(Buffer.from([i]))));
    const answers = await Promise.all(asked);
    expect(answers.map(({ answer }) => answer?.raw_output_contents[0]?.[0])).toEqual(
      Array.from({ length: 250 }, (_, i) => i),
    );
    expect(model.calls).toHaveLength(250);
  });

  it('reads credentials, and forwards nothing of the metadata', async () => {
    const { client, gateway, model } = await house();
    await client.ask(
      'ModelInfer',
      request(Buffer.from('x')),
      {},
      { 'x-api-key': 'k', authorization: 'Bearer t', 'x-user': 'root' },
    );
    expect(gateway.door.entered[0]?.credentials).toEqual({ apiKey: 'k', authorization: 'Bearer t' });
    expect(gateway.door.entered[0]?.peer).toBe('127.0.0.1');
    const seen = Object.keys(model.calls[0]?.metadata.getMap() ?? {});
    expect(seen.filter((name) => !['content-type', 'te', 'grpc-timeout'].includes(name))).toEqual([]);
  });

  it('answers health itself, without a credential and without the upstream', async () => {
    const { client, gateway, model } = await house();
    expect((await client.ask('ServerLive', {})).answer?.live).toBe(true);
    expect((await client.ask('ServerReady', {})).answer?.ready).toBe(true);
    gateway.health.isReady = false;
    expect((await client.ask('ServerReady', {})).answer?.ready).toBe(false);
    expect([gateway.door.entered.length, model.calls.length]).toEqual([0, 0]);
  });

  it('does not know methods that servers add', async () => {
    const { client, model } = await house();
    const { error } = await client.ask('RepositoryModelLoad', { name: 'x' });
    expect(error?.code).toBe(codes.UNIMPLEMENTED);
    expect(error?.details).toBe('refused: not-found, decision d-0');
    expect(model.calls).toHaveLength(0);
  });

  it('refuses at each stage with the code of gRPC and no sentence', async () => {
    const { client, gateway, model } = await house();
    gateway.door.refuseTake = refuse('over-limit', 'secret: budget of Ann', { retryAfter: 2 });
    const early = await client.ask('ModelInfer', request(Buffer.from('x')));
    expect(early.error?.code).toBe(codes.RESOURCE_EXHAUSTED);
    expect(model.calls).toHaveLength(0);
    gateway.door.refuseTake = undefined;
    gateway.door.refuseAnswer = refuse('bad-upstream', 'secret: answer holds a key');
    const late = await client.ask('ModelInfer', request(Buffer.from('x')));
    expect(late.error?.code).toBe(codes.UNAVAILABLE);
    for (const { error } of [early, late]) expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('refuses a message over its bound before the upstream hears of it', async () => {
    const { client, gateway, model } = await house();
    gateway.door.maxBytes = 1_000;
    const { error } = await client.ask('ModelInfer', request(Buffer.alloc(5_000_000)));
    expect(error?.code).toBe(codes.RESOURCE_EXHAUSTED);
    expect(model.calls).toHaveLength(0);
    expect(gateway.door.ended[0]?.refusal?.code).toBe('too-large');
  });

  it('refuses an answer over its bound', async () => {
    const { client, gateway } = await house();
    gateway.door.maxAnswerBytes = 1_000;
    const { error } = await client.ask('ModelInfer', request(Buffer.alloc(5_000)));
    expect(error?.code).toBe(codes.UNAVAILABLE);
    expect(gateway.door.ended[0]?.refusal?.reason).toContain('1000 are allowed');
  });

  it('passes on neither text nor metadata of an error of the upstream', async () => {
    const { client, gateway } = await house((_call, answer) => {
      answer({ code: codes.INTERNAL, details: 'secret: /opt/models/spam.onnx' });
    });
    const { error } = await client.ask('ModelInfer', request(Buffer.from('x')));
    expect(error?.code).toBe(codes.UNAVAILABLE);
    expect(`${error?.details} ${JSON.stringify(error?.metadata)}`).not.toContain('secret');
    expect(JSON.stringify(gateway.door.ended)).not.toContain('secret');
    expect(gateway.door.reported).toEqual([false]);
  });

  it('does not blame the upstream for what it calls the fault of the caller', async () => {
    const { client, gateway } = await house((_call, answer) =>
      answer({ code: codes.INVALID_ARGUMENT, details: 'shape' }),
    );
    const { error } = await client.ask('ModelInfer', request(Buffer.from('x')));
    expect(error?.code).toBe(codes.INVALID_ARGUMENT);
    expect(gateway.door.reported).toEqual([true]);
  });
});

describe('who waits no longer', () => {
  it('cancels the upstream when the caller cancels', async () => {
    const arrived = moment();
    const cancelled = moment();
    const { client, gateway } = await house((call) => {
      call.on('cancelled', () => cancelled.now());
      arrived.now();
    });
    const ended = gateway.door.nextEnd();
    const { cancel, done } = client.begin('ModelInfer', request(Buffer.from('x')));
    await arrived.come;
    cancel();
    expect((await done).error?.code).toBe(codes.CANCELLED);
    await cancelled.come;
    expect((await ended).refusal?.reason).toContain('cancelled');
    expect(gateway.door.reported).toEqual([true]);
  });

  it('cancels the upstream at the deadline of the caller', async () => {
    const cancelled = moment();
    const { client, model } = await house((call) => void call.on('cancelled', () => cancelled.now()));
    const { error } = await client.ask('ModelInfer', request(Buffer.from('x')), { deadline: Date.now() + 200 });
    expect(error?.code).toBe(codes.DEADLINE_EXCEEDED);
    await cancelled.come;
    expect(model.calls).toHaveLength(1);
  });

  it('gives up an upstream that does not answer', async () => {
    const { client, gateway } = await house(() => {}, { upstream: { headersSeconds: 0.1 } });
    const { error } = await client.ask('ModelInfer', request(Buffer.from('x')));
    expect(error?.code).toBe(codes.DEADLINE_EXCEEDED);
    expect(gateway.door.reported).toEqual([false]);
  });
});

describe('an upstream that goes away', () => {
  it('ends calls under way as unavailable, and serves again when it is back', async () => {
    const arrived = moment();
    const { client, model } = await house(() => arrived.now());
    const asked = client.ask('ModelInfer', request(Buffer.from('x')));
    await arrived.come;
    model.kill();
    expect((await asked).error?.code).toBe(codes.UNAVAILABLE);
    expect((await client.ask('ModelInfer', request(Buffer.from('x')))).error?.code).toBe(codes.UNAVAILABLE);
    opened.add(await startModelServer(echo, Number(new URL(model.url).port)), (it) => it.kill());
    expect((await client.ask('ModelInfer', request(Buffer.from('ab')))).answer?.raw_output_contents[0]).toEqual(
      Buffer.from('ba'),
    );
  });
});

describe('records', () => {
  it('gives no answer when the decision cannot be recorded before', async () => {
    const { client, gateway, model } = await house(echo, { waitForRecord: true });
    gateway.door.records = () => Promise.reject(new Error('disk full'));
    const { error } = await client.ask('ModelInfer', request(Buffer.from('x')));
    expect(error?.code).toBe(codes.UNAVAILABLE);
    expect(model.calls).toHaveLength(1);
  });

  it('answers after the record only when told so', async () => {
    const { client, gateway } = await house();
    gateway.door.records = () => new Promise(() => {});
    expect((await client.ask('ModelInfer', request(Buffer.from('x')))).error).toBeUndefined();
  });
});

describe('the end of a listener', () => {
  it('lets a call under way end, takes no new one, and is gone then', async () => {
    const arrived = moment();
    let finish = (): void => {};
    const { client, gateway, model } = await house((call, answer) => {
      finish = () => echo(call, answer);
      arrived.now();
    });
    const asked = client.ask('ModelInfer', request(Buffer.from('ab')));
    await arrived.come;
    const closed = gateway.server.close(5_000);
    const late = grpcClient(gateway.port);
    expect((await late.ask('ModelInfer', request(Buffer.from('x')))).error?.code).toBe(codes.UNAVAILABLE);
    late.close();
    finish();
    expect((await asked).answer?.raw_output_contents[0]?.toString()).toBe('ba');
    await closed;
    expect(model.calls).toHaveLength(1);
  });

  it('cuts a call that does not end in time', async () => {
    const arrived = moment();
    const { client, gateway } = await house(() => arrived.now());
    const asked = client.ask('ModelInfer', request(Buffer.from('ab')));
    await arrived.come;
    await gateway.server.close(100);
    expect((await asked).error?.code).toBe(codes.UNAVAILABLE);
  });

  it('asks for a new connection after so many calls, and loses none of them', async () => {
    const { client, model } = await house(echo, { limits: { callsPerConnection: 3 } });
    for (let i = 0; i < 10; i += 1) {
      const { error } = await client.ask('ModelInfer', request(Buffer.from([i])));
      expect(error, String(i)).toBeUndefined();
    }
    expect(model.calls).toHaveLength(10);
  });
});
