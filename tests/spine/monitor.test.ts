// A monitor at work on real flights, whose callers are made up: a clean twin stays quiet, a caller that changes is named, slow
// movement that no window shows is seen, pins are on record and hold, and a stop at any time loses and repeats nothing.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mulberry32 } from '@vallum/stats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../packages/cli/src/answer.js';
import { gateCommand } from '../../packages/cli/src/commands/check.js';
import { monitorPinCommand } from '../../packages/cli/src/commands/monitor-pin.js';
import { monitorRunCommand } from '../../packages/cli/src/commands/monitor-run.js';
import { monitorSettleCommand, monitorShowCommand } from '../../packages/cli/src/commands/monitor-show.js';
import type { TinyProject } from '../support/tiny-project.js';
import { makeTinyProject } from '../support/tiny-project.js';

const WINDOW = 500;
const CALLERS = ['web', 'app', 'partner', 'batch'];

interface Flight {
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
}

interface Row extends Flight {
  readonly id: string;
  readonly caller: string;
  readonly score: number;
  readonly label: string;
}

const flights = readFlights();
let next = 0;

function readFlights(): readonly Flight[] {
  const file = new URL('../../node_modules/vega-datasets/data/flights-20k.json', import.meta.url);
  const rows = JSON.parse(readFileSync(file, 'utf8')) as Flight[];
  const random = mulberry32(5);
  return rows
    .map((row) => ({ row, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ row }) => row);
}

/** Flights that no other rows were made of yet; a model says how sure it is that the flight is late, and is calibrated. */
function rows(count: number, change: (row: Row, at: number) => Partial<Row> = () => ({})): readonly Row[] {
  const from = next;
  next += count;
  const random = mulberry32(from + 11);
  return Array.from({ length: count }, (_, index) => {
    const flight = flights[(from + index) % flights.length] as Flight;
    const score = random();
    const { delay, distance, origin } = flight;
    const base: Row = {
      id: `row-${from + index}`,
      delay,
      distance,
      origin,
      caller: CALLERS[Math.floor(4 * random())] as string,
      score,
      label: random() < score ? 'spam' : 'ham',
    };
    return { ...base, ...change(base, index) };
  });
}

function csv(
  all: readonly Row[],
  columns = ['id', 'caller', 'delay', 'distance', 'origin', 'ham', 'spam', 'label'],
): string {
  const lines = all.map((row) => {
    const cells: Record<string, unknown> = { ...row, ham: (1 - row.score).toFixed(4), spam: row.score.toFixed(4) };
    return columns.map((name) => String(cells[name])).join(',');
  });
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}

interface Shown {
  readonly judged: number;
  readonly rows: number;
  readonly windows: readonly { readonly number: number; readonly outcome: string }[];
  readonly performance: readonly { readonly method: string; readonly metric: string }[];
  readonly alerts: readonly {
    readonly id: string;
    readonly rule: string;
    readonly why: string;
    readonly groups: readonly string[];
    readonly columns: readonly string[];
    readonly closed?: { readonly how: string };
  }[];
}

let tiny: TinyProject;
beforeAll(async () => {
  tiny = await makeTinyProject();
  const declared = [
    'monitor:',
    '  incoming: incoming',
    '  caller: caller',
    '  id: id',
    '  probabilities: [ham, spam]',
    '  label: label',
    '  labels: truth',
    `  window: { rows: ${WINDOW} }`,
    '',
  ];
  writeFileSync(join(tiny.root, 'vallum.yaml'), declared.join('\n'), { flag: 'a' });
  for (const folder of ['incoming', 'truth']) mkdirSync(join(tiny.root, folder));
  writeFileSync(join(tiny.root, 'reference.csv'), csv(rows(6_000)));
});
afterAll(() => tiny.remove());

const put = (path: string, text: string): void => writeFileSync(join(tiny.root, path), text);
const without = ['id', 'caller', 'delay', 'distance', 'origin', 'ham', 'spam'];
const pin = (data = 'reference.csv'): Promise<Answer> =>
  monitorPinCommand(tiny.io('approver'), 'v1', join(tiny.root, data), { why: 'the rows that it was tested on' });
const run = (): Promise<Answer> => monitorRunCommand(tiny.io('runner'), 'v1', { interval: '1' });
const show = async (): Promise<Shown> => (await monitorShowCommand(tiny.io('runner'), 'v1')).json as unknown as Shown;
const outcomes = ({ json }: Answer): unknown =>
  Object.fromEntries(
    (json as { controls: readonly { kind: string; outcome: string; reason?: { code: string } }[] }).controls.map(
      ({ kind, outcome, reason }) => [kind, reason === undefined ? outcome : `${outcome}: ${reason.code}`],
    ),
  );

describe('a monitor of flights', () => {
  test('without a pin nothing is proven', async () => {
    const answer = await run();
    expect(answer.exit).toBe(2);
    expect(outcomes(answer)).toEqual({
      'monitor.drift': 'inconclusive: no-pin',
      'monitor.performance': 'inconclusive: no-pin',
    });
  });

  test('only a person with the role pins', async () => {
    await expect(
      monitorPinCommand(tiny.io('runner'), 'v1', join(tiny.root, 'reference.csv'), { why: 'because' }),
    ).rejects.toMatchObject({ code: 'ACT_NO_ROLE' });
    expect((await pin()).json).toMatchObject({ by: 'approver', data: { rows: 6_000 } });
  });

  test('with a pin and no rows there is no answer', async () => {
    expect(outcomes(await run())).toMatchObject({ 'monitor.drift': 'inconclusive: no-window' });
  });

  test('a clean twin stays quiet over many windows, in files of any size', async () => {
    put('incoming/a-1.csv', csv(rows(4_300), without));
    put('incoming/a-2.csv', csv(rows(40), without));
    put('incoming/a-3.csv', csv(rows(3_660), without));
    const answer = await run();
    expect(outcomes(answer)).toEqual({ 'monitor.drift': 'pass', 'monitor.performance': 'pass' });
    expect(answer.exit).toBe(0);
    expect(await show()).toMatchObject({ judged: 16, rows: 8_000, alerts: [] });
  });

  test('a caller that changes is an alert that names the caller, until a person settles it', async () => {
    const late = ({ caller, delay }: Row): Partial<Row> => (caller === 'partner' ? { delay: delay + 45 } : {});
    put('incoming/b-1.csv', csv(rows(WINDOW, late), without));
    const answer = await run();
    expect(answer.exit).toBe(1);
    expect(outcomes(answer)).toMatchObject({ 'monitor.drift': 'fail' });
    const { alerts } = await show();
    expect(alerts).toMatchObject([{ rule: 'VLM-MON-002', groups: ['partner'], columns: ['delay'] }]);
    expect(answer.text).toContain('"partner"');
    const id = (alerts[0]?.id ?? '').slice(0, 12);
    const why = { why: 'the partner flies another airline since Monday' };
    await expect(monitorSettleCommand(tiny.io('runner'), 'v1', id, why)).rejects.toMatchObject({ code: 'ACT_NO_ROLE' });
    await monitorSettleCommand(tiny.io('approver'), 'v1', id, why);
    expect(outcomes(await run())).toMatchObject({ 'monitor.drift': 'pass' });
    expect((await show()).alerts).toMatchObject([{ closed: { how: 'settled' } }]);
  });

  test('labels that arrive late are joined by id, and give figures with intervals', async () => {
    const truth = readFileSync(join(tiny.root, 'incoming/a-1.csv'), 'utf8').trim().split('\n').slice(1);
    const random = mulberry32(3);
    const lines = truth.map((line) => {
      const cells = line.split(',');
      return `${cells[0] ?? ''},${random() < Number(cells[6]) ? 'spam' : 'ham'}`;
    });
    put('truth/march.csv', `id,label\n${lines.join('\n')}\n`);
    expect(outcomes(await run())).toMatchObject({ 'monitor.performance': 'pass' });
    const realised = (await show()).performance.filter(({ method }) => method === 'realised');
    expect(realised.map(({ metric }) => metric)).toContain('auroc');
  });

  test('a file that changed after it was read is found out', async () => {
    const path = join(tiny.root, 'incoming/a-1.csv');
    const text = readFileSync(path, 'utf8');
    put('incoming/a-1.csv', text.replace('row-6001', 'row-9999'));
    const answer = await run();
    expect(answer.exit).toBe(1);
    const open = (await show()).alerts.filter(({ closed }) => closed === undefined);
    expect(open).toMatchObject([{ rule: 'VLM-MON-006' }]);
    const why = { why: 'restored from the archive' };
    await monitorSettleCommand(tiny.io('approver'), 'v1', open[0]?.id ?? '', why);
    expect((await run()).exit).toBe(0);
  });

  test('slow movement that no single window shows is summed up', async () => {
    // One file that grows, a window at a time.
    const header = `${without.join(',')}\n`;
    put('incoming/c.csv', header);
    // One flight in five is the longer one of two: all values are those of before, and the mean moves by a tenth of their spread.
    const far = ({ distance }: Row, at: number): Partial<Row> =>
      at % 5 === 0 ? { distance: Math.max(distance, flights[(7 * at + 3) % flights.length]?.distance ?? 0) } : {};
    const before = (await show()).judged;
    let found: Shown | undefined;
    for (let batch = 0; batch < 6 && found === undefined; batch += 1) {
      const more = csv(rows(4 * WINDOW, far), without).slice(header.length);
      writeFileSync(join(tiny.root, 'incoming/c.csv'), more, { flag: 'a' });
      await run();
      const shown = await show();
      if (shown.alerts.some(({ closed }) => closed === undefined)) found = shown;
    }
    const open = (found?.alerts ?? []).filter(({ closed }) => closed === undefined);
    expect(open.map(({ rule, columns }) => ({ rule, columns }))).toEqual([
      { rule: 'VLM-MON-003', columns: ['distance'] },
    ]);
    expect((found?.judged ?? 0) - before).toBeGreaterThan(1);
  });

  test('a run that dies in between loses nothing and repeats nothing', async () => {
    const before = await show();
    put('incoming/d-1.csv', csv(rows(3 * WINDOW + 10), without));
    const io = tiny.io('runner');
    let written = 0;
    const dying = {
      ...io.disk,
      rename: (from: string, to: string) => {
        // The third window is judged and cannot be remembered any more.
        if (to.endsWith('/v1.json') && (written += 1) === 3) return Promise.reject(new Error('killed'));
        return io.disk.rename(from, to);
      },
    };
    await expect(monitorRunCommand({ ...io, disk: dying }, 'v1', { interval: '1' })).rejects.toThrow('killed');
    expect((await show()).judged).toBe(before.judged + 2);
    await run();
    const after = await show();
    expect(after.rows - before.rows).toBe(3 * WINDOW);
    const numbers = after.windows.map(({ number }) => number);
    expect(numbers).toEqual(numbers.map((_, at) => (numbers[0] ?? 0) + at));
  });

  test('a reference with other bytes than were pinned proves nothing', async () => {
    const [file] = readdirSync(join(tiny.root, 'monitor/v1'));
    const path = join(tiny.root, 'monitor/v1', file ?? '');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"rows":6000', '"rows":6001'));
    // The alert about slow movement is high and not critical: it is shown.
    expect(outcomes(await run())).toMatchObject({ 'monitor.drift': 'inconclusive: reference-changed' });
    writeFileSync(path, text);
    expect(outcomes(await run())).toMatchObject({ 'monitor.drift': 'pass' });
  });

  test('a new pin begins anew, and the first one ever is still compared', async () => {
    const near = ({ distance }: Row): Partial<Row> => ({ distance: distance + 400 });
    put('reference-2.csv', csv(rows(6_000, near)));
    await pin('reference-2.csv');
    expect(outcomes(await run())).toMatchObject({ 'monitor.drift': 'inconclusive: no-window' });
    put('incoming/e-1.csv', csv(rows(WINDOW, near), without));
    await run();
    const open = (await show()).alerts.filter(({ closed }) => closed === undefined);
    expect(open).toMatchObject([{ rule: 'VLM-MON-004', columns: ['distance'] }]);
  });

  test('a run that stays looks again, and ends in an orderly way at a signal', async () => {
    const before = (await show()).judged;
    const following = monitorRunCommand(tiny.io('runner'), 'v1', { follow: true, interval: '1' });
    await expect.poll(() => process.listenerCount('SIGHUP'), { timeout: 20_000 }).toBeGreaterThan(0);
    put('incoming/f-1.csv', csv(rows(WINDOW), without));
    await expect.poll(async () => (await show()).judged, { timeout: 30_000, interval: 500 }).toBe(before + 1);
    process.emit('SIGHUP', 'SIGHUP');
    expect((await following).json).toMatchObject({ schema: 'vallum/monitor-run/v1', windows: 1 });
  }, 60_000);

  test('a project may ask for it: evidence counts for the pins of now only', async () => {
    const asked = [
      'requirements:',
      '  - { id: drift, kind: monitor.drift, actions: [deploy], fix: start the monitor }',
      '',
    ];
    writeFileSync(join(tiny.root, 'vallum.yaml'), asked.join('\n'), { flag: 'a' });
    const gate = async (): Promise<readonly string[]> => {
      const { json } = await gateCommand(tiny.io('runner'), 'v1', { action: 'deploy' });
      const { reasons } = (json as { verdict: { reasons: readonly { kind: string; code?: string }[] } }).verdict;
      return reasons.filter(({ kind }) => kind === 'monitor.drift').map(({ code }) => code ?? '');
    };
    // The alert about the first reference is critical.
    expect(await gate()).toEqual(['failed']);
    await settleAll();
    await run();
    expect(await gate()).toEqual([]);
    await pin('reference-2.csv');
    expect(await gate()).toEqual([]);
    put('reference-3.csv', csv(rows(1_000)));
    await pin('reference-3.csv');
    expect(await gate()).toEqual(['stale-inputs']);
  });

  const openNow = async (): Promise<Shown['alerts']> =>
    (await show()).alerts.filter(({ closed }) => closed === undefined);
  const settleAll = async (): Promise<void> => {
    for (const { id } of await openNow())
      await monitorSettleCommand(tiny.io('approver'), 'v1', id, { why: 'looked into, and dealt with' });
  };

  test('a file that cannot be read is no pass, is tried again as it grows, and shows no address', async () => {
    put('incoming/g-1.csv', csv(rows(2 * WINDOW), without));
    await run();
    await settleAll();
    expect(outcomes(await run())).toMatchObject({ 'monitor.drift': 'pass' });
    const name = 'incoming/bo.miller@example.com.csv';
    put(name, `${csv(rows(3), without)}"row-x\n`);
    const answer = await run();
    expect(outcomes(answer)).toMatchObject({ 'monitor.drift': 'inconclusive: unread-file' });
    expect(await openNow()).toMatchObject([{ rule: 'VLM-MON-007' }]);
    for (const secret of ['bo.miller', tiny.root]) {
      expect(JSON.stringify(answer)).not.toContain(secret);
      expect(JSON.stringify(await show())).not.toContain(secret);
    }
    await settleAll();
    expect(outcomes(await run())).toMatchObject({ 'monitor.drift': 'inconclusive: unread-file' });
    writeFileSync(join(tiny.root, name), 'y",web,1,2,ATL,0.5,0.5\n', { flag: 'a' });
    expect(outcomes(await run())).toMatchObject({ 'monitor.drift': 'pass' });
    rmSync(join(tiny.root, name));
    await run();
    put(name, csv(rows(3), without));
    await run();
    expect(await openNow()).toMatchObject([{ rule: 'VLM-MON-006' }]);
    await settleAll();
  }, 60_000);

  test('the same bytes under another name are told, and not judged again', async () => {
    const before = await show();
    put('incoming/g-2.csv', readFileSync(join(tiny.root, 'incoming/b-1.csv'), 'utf8'));
    await run();
    expect((await show()).judged).toBe(before.judged);
    expect((await openNow()).map(({ why }) => why)).toEqual([expect.stringMatching(/^replayed: "g-2.csv" has/)]);
    await settleAll();
  }, 60_000);

  test('a stray file among the labels is told, and the others count', async () => {
    const random = mulberry32(9);
    const truth = readFileSync(join(tiny.root, 'incoming/g-1.csv'), 'utf8').trim().split('\n').slice(1);
    const lines = truth.map((line) => {
      const cells = line.split(',');
      return `${cells[0] ?? ''},${random() < Number(cells[6]) ? 'spam' : 'ham'}`;
    });
    put('truth/notes.txt', 'not labels');
    put('truth/may.csv', `id,label\n${lines.join('\n')}\n`);
    await run();
    expect(await openNow()).toMatchObject([
      { rule: 'VLM-MON-007', why: expect.stringContaining('notes.txt') as string },
    ]);
    expect((await show()).performance.map(({ method }) => method)).toContain('realised');
    rmSync(join(tiny.root, 'truth/notes.txt'));
    await settleAll();
  }, 60_000);

  test('whoever removes what the monitor remembers removes no open alert', async () => {
    const path = join(tiny.root, 'incoming/a-2.csv');
    const text = readFileSync(path, 'utf8');
    const rules = async (): Promise<readonly string[]> => (await openNow()).map(({ rule }) => rule);
    writeFileSync(path, text.replace('web', 'app'));
    expect((await run()).exit).toBe(1);
    expect(await rules()).toEqual(['VLM-MON-006']);
    const [open] = await openNow();
    writeFileSync(path, text);
    rmSync(join(tiny.root, '.vallum/monitor/v1.json'));
    expect((await run()).exit).toBe(1);
    expect((await openNow()).find(({ rule }) => rule === 'VLM-MON-006')?.why).toBe(open?.why);
    await settleAll();
    await run();
    expect(await rules()).not.toContain('VLM-MON-006');
  }, 60_000);
});
