// One worker as the primary sees it: started, spoken with, and its end told once.
import cluster from 'node:cluster';
import type { Worker as ClusterWorker } from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { VallumError } from '@vallum/core';
import type { Ports, ToPrimary, ToWorker, WorkerStart } from './messages.js';

/** Time for a worker to open its listeners. */
const START_MS = 60_000;

type Said = Exclude<ToPrimary, { readonly type: 'here' | 'listening' | 'cannot-start' }>;

export class WorkerProcess {
  /** Which life of a worker this is. */
  readonly life: string;
  readonly #worker: ClusterWorker;
  readonly ended: Promise<void>;

  private constructor(worker: ClusterWorker, life: string) {
    this.#worker = worker;
    this.life = life;
    this.ended = new Promise((resolve) => worker.once('exit', () => resolve()));
  }

  get pid(): number | undefined {
    return this.#worker.process.pid;
  }

  /**
   * @param program the compiled worker-main.ts
   * @throws VallumError what the worker could not do, `GATEWAY_WORKER`
   */
  static async start(
    program: string,
    start: Omit<WorkerStart, 'life'>,
    heard: (message: Said, from: WorkerProcess) => void,
  ): Promise<{ readonly worker: WorkerProcess; readonly ports: Ports }> {
    cluster.setupPrimary({ exec: program, args: [], serialization: 'advanced' });
    const life = randomBytes(16).toString('hex');
    // With an arena for each thread, glibc keeps tens of megabytes that nothing uses; other systems do not look at it.
    const forked = cluster.fork({ MALLOC_ARENA_MAX: '2' });
    const worker = new WorkerProcess(forked, life);
    // A write to a worker that has just ended is told by its end.
    forked.on('error', () => undefined);
    const ports = await new Promise<Ports>((resolve, reject) => {
      const timer = setTimeout(() => fail('it did not open its listeners in time'), START_MS);
      const fail = (why: string, code = 'GATEWAY_WORKER', fix = 'see the lines above'): void => {
        clearTimeout(timer);
        worker.kill();
        reject(new VallumError(code, code === 'GATEWAY_WORKER' ? `a worker could not start: ${why}` : why, { fix }));
      };
      void worker.ended.then(() => fail('it ended at once'));
      forked.on('message', (message: ToPrimary) => {
        if (message.type === 'here') return worker.tell({ type: 'start', start: { ...start, life } });
        if (message.type === 'cannot-start') return fail(message.message, message.code, message.fix);
        if (message.type !== 'listening') return heard(message, worker);
        clearTimeout(timer);
        resolve(message.ports);
      });
    });
    return { worker, ports };
  }

  tell(message: ToWorker): void {
    if (this.#worker.isConnected()) this.#worker.send(message, undefined, () => undefined);
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }
}
