// `node read-table.mjs FILE`: every value of a table, summed. Prints what it took, without start-up.
import { nodeDisk } from '@vallum/core';
import { openTable } from '@vallum/formats';
import { timed } from './timed.mjs';

await timed(async () => {
  const table = await openTable(nodeDisk, process.argv[2]);
  let rows = 0;
  let sum = 0;
  for await (const batch of table.batches()) {
    rows += batch.rows;
    for (const column of batch.columns) {
      const values = column.type === 'text' ? column.codes : column.values;
      for (let row = 0; row < batch.rows; row += 1) sum += values[row];
    }
  }
  await table.close();
  if (Number.isNaN(sum)) throw new Error('a value was not read');
  return rows;
});
