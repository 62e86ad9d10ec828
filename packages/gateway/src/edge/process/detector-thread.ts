// The detectors on a thread of their own, so that however long they think, records and budgets do not wait.
import { deserialize } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { randomBytes } from 'node:crypto';
import { DetectorDesk } from '../../detectors/desk.js';
import type { WatchedRoute } from '../../detectors/desk.js';
import type { Change } from '../../detectors/scorer.js';
import type { QuerySketch } from '../../detectors/sketch.js';
import type { Step } from '../../detectors/step.js';

export interface DetectorStart {
  readonly routes: readonly (readonly [string, Pick<WatchedRoute, 'most'>])[];
  readonly halfLifeSeconds: number;
  readonly blocksPerHour: number;
}

export interface DetectorsSaid {
  readonly changes: readonly Change[];
  readonly steps: readonly (readonly [string, Step])[];
  /** Sketches that were looked at, so that the sender knows how many wait. */
  readonly seen: number;
}

const SWEEP_MS = 30_000;

const start = workerData as DetectorStart;
const desk = new DetectorDesk({
  routes: new Map(start.routes),
  halfLifeSeconds: start.halfLifeSeconds,
  blocksPerHour: start.blocksPerHour,
  random: () => randomBytes(4).readUInt32LE() / 2 ** 32,
});

function say(changes: readonly Change[], seen: number): void {
  const said: DetectorsSaid = { changes, steps: [...desk.postures], seen };
  parentPort?.postMessage(said);
}

parentPort?.on('message', (packed: Uint8Array) => {
  const sketches = deserialize(packed) as readonly QuerySketch[];
  say(
    sketches.flatMap((sketch) => desk.observe(sketch)),
    sketches.length,
  );
});
setInterval(() => {
  const changes = desk.sweep(Date.now());
  if (changes.length > 0) say(changes, 0);
}, SWEEP_MS).unref();
