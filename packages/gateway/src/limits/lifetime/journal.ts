// The file that holds what was ever taken of lifetime budgets. One line an amount, the last one of a key counts; each is durable
// before what it stands for is given out, so no crash gives anything back. A file that is not whole is refused, not repaired.
import { parent, sha256, VallumError, writeDurably } from '@vallum/core';
import type { Disk } from '@vallum/core';

/** Keys, about 100 bytes each in the file and 150 in memory. */
export const MOST_KEYS = 500_000;
const MOST_BYTES = 256 * 1024 ** 2;
/** Lines that were superseded before the file is written anew: as many as there are keys, and at least these. */
const LEAST_STALE = 10_000;
const LINE = /^([0-9a-f]{16}) (\["[^\n]*",\d{1,16}\])$/;
const FIRST = /^vallum\/lifetime\/v1 ([0-9a-f]{16})$/;

export class Journal {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #taken = new Map<string, number>();
  /** Names this gateway among those that share budgets; made with the file. */
  readonly gateway: string;
  #lines = 0;
  /** An append failed, so that the end of the file is not known. */
  #torn = false;

  private constructor(disk: Disk, path: string, gateway: string) {
    this.#disk = disk;
    this.#path = path;
    this.gateway = gateway;
  }

  /**
   * Reads the file, or makes it where there is none.
   * @param random 16 hexadecimal digits for a new file
   * @throws VallumError `LIFETIME_CORRUPT`, and what the disk throws
   */
  static async open(disk: Disk, path: string, random: () => string): Promise<Journal> {
    await disk.makeDirectory(parent(path), 0o700);
    if ((await disk.stat(path)) === undefined) {
      const fresh = new Journal(disk, path, random());
      await fresh.#rewrite();
      return fresh;
    }
    const text = new TextDecoder().decode(await disk.read(path, MOST_BYTES));
    const lines = text.split('\n');
    // What stands behind the last line break was being written when the process ended; nobody was told of it.
    lines.pop();
    const gateway = FIRST.exec(lines[0] ?? '')?.[1];
    if (gateway === undefined) throw corrupt(path, 1);
    const journal = new Journal(disk, path, gateway);
    lines.slice(1).forEach((line, index) => journal.#read(line, index + 2));
    // The next line must not follow half a one.
    await journal.#rewrite();
    return journal;
  }

  taken(key: string): number {
    return this.#taken.get(key) ?? 0;
  }

  entries(): IterableIterator<[string, number]> {
    return this.#taken.entries();
  }

  has(key: string): boolean {
    return this.#taken.has(key);
  }

  get size(): number {
    return this.#taken.size;
  }

  /** Resolves when the amounts are durable. Calls must not overlap. @throws VallumError of the disk; then nothing changed */
  async write(amounts: ReadonlyMap<string, number>): Promise<void> {
    const before = [...amounts.keys()].map((key) => [key, this.#taken.get(key)] as const);
    for (const [key, taken] of amounts) this.#taken.set(key, taken);
    try {
      if (this.#torn || this.#lines > LEAST_STALE + 2 * this.#taken.size) await this.#rewrite();
      else await this.#append(amounts);
    } catch (error) {
      // Perhaps it is in the file nevertheless; what is there is then rather too much than too little.
      this.#torn = true;
      for (const [key, taken] of before) {
        if (taken === undefined) this.#taken.delete(key);
        else this.#taken.set(key, taken);
      }
      throw error;
    }
  }

  async #append(amounts: ReadonlyMap<string, number>): Promise<void> {
    const lines = [...amounts].map(([key, taken]) => lineOf(key, taken)).join('');
    await this.#disk.append(this.#path, new TextEncoder().encode(lines));
    await this.#disk.sync(this.#path);
    this.#lines += amounts.size;
  }

  async #rewrite(): Promise<void> {
    const lines = [...this.#taken].map(([key, taken]) => lineOf(key, taken));
    const text = `vallum/lifetime/v1 ${this.gateway}\n${lines.join('')}`;
    await writeDurably(this.#disk, this.#path, new TextEncoder().encode(text), 0o600);
    this.#lines = lines.length;
    this.#torn = false;
  }

  #read(line: string, number: number): void {
    const [, sum, json] = LINE.exec(line) ?? [];
    if (json === undefined || sum !== sumOf(json)) throw corrupt(this.#path, number);
    const [key, taken] = JSON.parse(json) as [string, number];
    this.#taken.set(key, taken);
  }
}

function lineOf(key: string, taken: number): string {
  const json = JSON.stringify([key, taken]);
  return `${sumOf(json)} ${json}\n`;
}

/** Against a failing disk. Who may write into the state folder can write anything. */
const sumOf = (json: string): string => sha256(json).slice(0, 16);

function corrupt(path: string, line: number): VallumError {
  return new VallumError(
    'LIFETIME_CORRUPT',
    `${path} is damaged in line ${line}, so what callers used up is not known`,
    {
      fix: 'restore the file from a backup, or remove it to begin all lifetime budgets anew',
    },
  );
}
