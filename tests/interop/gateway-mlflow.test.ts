// `mlflow models serve` behind the gateway: every form that /invocations reads has the same answer, from MLflow's own client too.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Door } from './support/gateway/compare.js';
import { openDoor, UNKNOWN_KEY } from './support/gateway/compare.js';
import type { Answers } from './support/gateway/environments.js';
import { askWith } from './support/gateway/environments.js';
import { startMlflow } from './support/gateway/servers.js';
import type { PythonServer } from './support/gateway/servers.js';

let server: PythonServer;
let door: Door;

beforeAll(async () => {
  server = await startMlflow();
  door = await openDoor(server, 'iris', 'mlflow');
});
afterAll(async () => {
  await door?.end();
  await server?.stop();
});

const bare = (mode: string): Promise<Answers> =>
  askWith('mlflow', 'ask_mlflow.py', { place: `http://${server.rest}`, mode });
const through = (mode: string, key = door.key): Promise<Answers> =>
  askWith('mlflow', 'ask_mlflow.py', { place: `http://${door.rest}/iris`, mode, key });

const statuses = (answers: Answers): Answers =>
  Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [name, (answer as { readonly status?: number }).status]),
  );

describe('mlflow models serve', () => {
  it('answers each form as it does bare', async () => {
    const expected = await bare('good');
    const found = await through('good');
    expect(found).toEqual(expected);
    const predicted = { status: 200, said: { predictions: [0, 1, 2] } };
    const forms = ['dataframe_split', 'dataframe_records', 'inputs, rows', 'inputs, by name', 'instances, rows'];
    for (const form of [...forms, 'instances, by name', 'comma-separated', 'a charset'])
      expect(found[form], form).toEqual(predicted);
    expect(JSON.stringify(found)).not.toContain('"error"');
  });

  it('answers a wrong key nothing', async () => {
    const answers = await through('good', UNKNOWN_KEY);
    for (const [name, answer] of Object.entries(answers))
      if (name.startsWith('its own')) expect(JSON.stringify(answer), name).toMatch(/"error"/);
      else expect(answer, name).toEqual({ status: 401 });
  });

  it('gets nothing that is broken, too large or no question', async () => {
    expect(statuses(await through('bad'))).toEqual({
      'two forms': 400,
      'an unknown field': 400,
      'a row too short': 400,
      'too large': 413,
      'rows without end': 400,
      'no type': 415,
      'another type': 415,
      'the page of its interface': 404,
      'its description': 404,
      health: 404,
      'the tracking server': 404,
    });
    // The bare server takes some of it.
    expect(statuses(await bare('bad'))).toMatchObject({
      'an unknown field': 200,
      'rows without end': 200,
      'the page of its interface': 200,
      'its description': 200,
    });
    const decisions = await door.records();
    const codes = new Set(decisions.map(({ outcome, code }) => `${outcome} ${code ?? 'ok'}`));
    const refused = ['bad-input', 'too-large', 'unsupported-type', 'not-found', 'unauthenticated'];
    expect(codes).toEqual(new Set(['allowed ok', ...refused.map((code) => `refused ${code}`)]));
  });
});
