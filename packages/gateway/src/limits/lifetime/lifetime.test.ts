// Lifetime budgets: never more than the limit in all lives of the process, whenever it dies and whatever the disk does.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LeaseAnswer, LeaseRequest, RouteLimits } from '../lease.js';
import { CrashDisk } from '../testing/crash-disk.js';
import { routeWith } from '../testing/routes.js';
import { Journal } from './journal.js';
import { LifetimeBook, lifetimeKey } from './lifetime-book.js';
import type { LifetimeShare } from './lifetime-book.js';

const FILE = 'state/lifetime';
const LIMIT = 500;
const limits: RouteLimits = routeWith({ lifetime: LIMIT }).settings;
const open = (disk: CrashDisk): Promise<Journal> => Journal.open(disk, FILE, () => '0123456789abcdef');

function ask(
  book: LifetimeBook,
  need: number,
  more: Partial<LeaseRequest> & { holder?: string } = {},
): Promise<LeaseAnswer> {
  const { holder = 'a', ...rest } = more;
  const request = { principal: 'web', route: 'r', dimension: 'lifetime' as const, need, want: need, left: 0, ...rest };
  return book.lease(request, limits, holder);
}

describe('LifetimeBook', () => {
  it('grants up to the limit and never again, over restarts in order', async () => {
    const disk = new CrashDisk();
    let rows = 0;
    for (let life = 0; life < 5; life += 1) {
      const book = new LifetimeBook(await open(disk));
      // One lease of which most goes back.
      const answer = await ask(book, 100);
      if (answer.kind === 'granted') rows += 100;
      await ask(book, 0, { left: 1e9 });
      await book.close();
    }
    expect(rows).toBe(LIMIT);
    expect(await ask(new LifetimeBook(await open(disk)), 1)).toEqual({ kind: 'never' });
  });

  it('is durable before it grants', async () => {
    const disk = new CrashDisk();
    const book = new LifetimeBook(await open(disk));
    expect(await ask(book, 200)).toMatchObject({ kind: 'granted' });
    const journal = await open(disk.afterPowerLoss());
    expect(journal.taken(lifetimeKey('web', 'digits'))).toBeGreaterThanOrEqual(200);
  });

  it('keeps principals and models apart, whatever is in their names', async () => {
    const book = new LifetimeBook(await open(new CrashDisk()));
    const names = ['a","b', 'a\nb', '__proto__', '\ud800', 'a', ''];
    for (const principal of names)
      expect(await ask(book, LIMIT, { principal })).toEqual({ kind: 'granted', tokens: LIMIT });
    for (const principal of names) expect(await ask(book, 1, { principal })).toEqual({ kind: 'never' });
  });

  it('reads back what it wrote, for any names', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 1e12 })),
        async (amounts) => {
          const disk = new CrashDisk();
          const journal = await open(disk);
          const entries = Object.entries(amounts).map(([name, taken]) => [lifetimeKey(name, 'm'), taken] as const);
          await journal.write(new Map(entries));
          const again = await open(disk.afterPowerLoss());
          expect([...again.entries()].sort()).toEqual([...entries].sort());
          expect(again.gateway).toBe('0123456789abcdef');
        },
      ),
      { numRuns: 50 },
    );
  });

  it('never grants more than the limit, over crashes at any write', async () => {
    const step = fc.record({
      kind: fc.constantFrom('ask', 'ask', 'ask', 'return', 'crash', 'fail', 'full', 'forget', 'restart'),
      rows: fc.integer({ min: 1, max: 60 }),
      holder: fc.constantFrom('a', 'b'),
      torn: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        let disk = new CrashDisk();
        let book = new LifetimeBook(await open(disk));
        let used = 0;
        const held = { a: 0, b: 0 };
        for (const { kind, rows, holder, torn } of steps) {
          const name = holder;
          if (kind === 'ask') {
            const answer = await ask(book, rows, { holder: name, left: held[name] });
            held[name] = 0;
            if (answer.kind === 'granted') {
              // All of it is used, or all but what was needed is kept for the next time.
              const isKept = torn > 0.5;
              used += isKept ? rows : answer.tokens;
              held[name] = isKept ? answer.tokens - rows : 0;
            }
          } else if (kind === 'return') {
            await ask(book, 0, { holder: name, left: held[name] });
            held[name] = 0;
          } else if (kind === 'forget') {
            used += held[name];
            held[name] = 0;
            book.forget(name);
          } else if (kind === 'fail' || kind === 'full') {
            disk.failAfter = rows % 6;
            disk.full = kind === 'full';
          } else {
            if (kind === 'restart') {
              for (const one of ['a', 'b'] as const) await ask(book, 0, { holder: one, left: held[one] });
              held.a = held.b = 0;
              await book.close().catch(() => undefined);
            }
            used += held.a + held.b;
            held.a = held.b = 0;
            disk = disk.afterPowerLoss(torn);
            book = new LifetimeBook(await open(disk));
          }
          expect(used + held.a + held.b).toBeLessThanOrEqual(LIMIT);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('refuses while the disk is full, loses nothing, and goes on afterwards', async () => {
    const disk = new CrashDisk();
    const book = new LifetimeBook(await open(disk));
    disk.full = true;
    disk.failAfter = 0;
    expect(await ask(book, 5)).toMatchObject({ kind: 'unavailable' });
    disk.failAfter = Infinity;
    expect(await ask(book, LIMIT)).toEqual({ kind: 'granted', tokens: LIMIT });
    expect((await open(disk.afterPowerLoss())).taken(lifetimeKey('web', 'digits'))).toBe(LIMIT);
  });

  it('writes once for all that is asked meanwhile', async () => {
    const disk = new CrashDisk();
    const book = new LifetimeBook(await open(disk));
    const before = disk.textOf(FILE).split('\n').length;
    await Promise.all(Array.from({ length: 100 }, () => ask(book, 1)));
    expect(disk.textOf(FILE).split('\n').length - before).toBeLessThanOrEqual(2);
  });

  it('writes its file anew before it is full of what no longer counts', async () => {
    const disk = new CrashDisk();
    const journal = await open(disk);
    for (let taken = 1; taken <= 25_000; taken += 5)
      await journal.write(new Map(Array.from({ length: 10 }, (_, index) => [`["p${index}","m"]`, taken])));
    expect(disk.textOf(FILE).split('\n').length).toBeLessThan(10_100);
    expect((await open(disk.afterPowerLoss())).taken('["p3","m"]')).toBe(24_996);
  });

  it('refuses a damaged file with a fix, wherever a byte of it is changed', async () => {
    const disk = new CrashDisk();
    const journal = await open(disk);
    await journal.write(new Map([['["web","digits"]', 77]]));
    const text = disk.textOf(FILE);
    const end = text.length - 1;
    for (let at = 0; at < end; at += 1) {
      const damaged = new CrashDisk();
      const bytes = Buffer.from(text);
      bytes[at] = bytes[at]! ^ 4;
      await damaged.write(FILE, bytes);
      const result = await open(damaged).then(
        (one) => one.taken('["web","digits"]') === 77 && one.gateway !== '0123456789abcdef' && 'only the name changed',
        (error: { code: string; fix: string }) => error.code === 'LIFETIME_CORRUPT' && error.fix.includes('backup'),
      );
      expect(result, `byte ${at}`).toBeTruthy();
    }
  });
});

describe('shared lifetimes', () => {
  function store(): LifetimeShare & { readonly of: (gateway: string) => LifetimeShare; down: boolean } {
    const fields = new Map<string, number>();
    const share = {
      down: false,
      of: (gateway: string): LifetimeShare => ({
        claim: async (claims) => {
          if (share.down) throw new Error('down');
          return claims.map(({ own, limit }) => {
            let others = 0;
            for (const [name, rows] of fields) if (name !== gateway) others += rows;
            fields.set(gateway, Math.max(fields.get(gateway) ?? 0, Math.min(own, limit - others)));
            return others;
          });
        },
      }),
      claim: () => Promise.reject(new Error('by name only')),
    };
    return share;
  }

  it('are one budget for all gateways', async () => {
    const shared = store();
    const books = await Promise.all(
      ['one', 'two'].map(async (name) => new LifetimeBook(await open(new CrashDisk()), shared.of(name))),
    );
    let rows = 0;
    for (let n = 0; n < 200; n += 1) {
      const answer = await ask(books[n % 2]!, 7, { left: 0 });
      if (answer.kind === 'granted') rows += answer.tokens;
    }
    expect(rows).toBeLessThanOrEqual(LIMIT);
    expect(rows).toBeGreaterThan(LIMIT - 14);
  });

  it('without the store: refused, or what was last known of the others is left out', async () => {
    const shared = store();
    const other = new LifetimeBook(await open(new CrashDisk()), shared.of('other'));
    const book = new LifetimeBook(await open(new CrashDisk()), shared.of('book'));
    const alone: RouteLimits = { ...limits, withoutState: 'local' };
    const request = { principal: 'web', route: 'r', dimension: 'lifetime' as const, need: 1, want: 1, left: 0 };
    await ask(other, 300);
    await ask(book, 1);
    shared.down = true;
    for (let n = 0; n < 50; n += 1) expect(await ask(book, 100)).toMatchObject({ kind: 'unavailable' });
    expect(await book.lease({ ...request, need: 300, want: 300 }, alone, 'a')).toEqual({ kind: 'never' });
    expect(await book.lease({ ...request, need: 150, want: 150 }, alone, 'a')).toMatchObject({ kind: 'granted' });
    shared.down = false;
    // The refused ones cost nothing.
    expect(await ask(book, 40)).toMatchObject({ kind: 'granted' });
    expect(await ask(book, 40)).toEqual({ kind: 'never' });
  });
});
