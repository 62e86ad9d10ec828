// The process that dies in kill.test.ts. As `worker` it hands its records to its parent, as `primary` to a ledger of its own;
// each acknowledged id is written with a synchronous call, so that it is out before the next thing happens.
import { writeSync } from 'node:fs';
import { nodeDisk } from '@vallum/core';
import type { RecordAck, RecordBatch } from '../batch.js';
import { RecordBuffer } from '../buffer.js';
import { RecordDesk } from '../desk.js';
import { openGatewayLog } from '../edge/open-gateway-log.js';
import { numbered } from './decisions.js';

const [, , as = '', state = ''] = process.argv;

async function begin(): Promise<RecordBuffer> {
  if (as === 'worker') {
    const buffer = new RecordBuffer({
      life: 'child',
      waiting: 100_000,
      send: (batch: RecordBatch) => void process.send?.(batch),
    });
    process.on('message', (ack: RecordAck) => buffer.answered(ack));
    return buffer;
  }
  const log = await openGatewayLog(nodeDisk, state, 'front');
  const desk = new RecordDesk({ log, reopen: () => Promise.reject(new Error('no')), tell: () => undefined });
  const buffer: RecordBuffer = new RecordBuffer({
    life: 'child',
    waiting: 100_000,
    send: (batch) => void desk.take(batch).then((ack) => buffer.answered(ack)),
  });
  return buffer;
}

const buffer = await begin();
for (let at = 1; ; at += 1) {
  void buffer.record(numbered(at)).then(() => writeSync(1, `${at}\n`));
  // A pace at which batches are of many sizes, some gathering, some on their way and some in the ledger.
  if (at % 7 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  if (buffer.waiting > 2000) await buffer.flush();
}
