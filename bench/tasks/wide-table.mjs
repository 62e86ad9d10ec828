// `node wide-table.mjs REFERENCE.parquet CURRENT.parquet`: CPU seconds of a profile of the one, and of all univariate tests of the
// other against it, from the file to the answer (tables: wide-table.py; the same with other tools: wide-table-peer.py).
// `node wide-table.mjs growth [MILLIONS]`: by how much the process grows over so many values, 100 million by default, of 20
// columns that are profiled and counted against a profile. Prints one JSON value.
import { nodeDisk } from '@vallum/core';
import { openTable } from '@vallum/formats';
import { countTable, measureDrift } from '@vallum/monitor';
import { mulberry32, ProfileBuilder, profileBytes, readProfile } from '@vallum/stats';

const COLUMNS = 20;
const ROWS = 65_536;
const OPTIONS = {
  alpha: 0.05,
  control: 'family',
  floorShift: 0.05,
  floorMoved: 0.02,
  detect: 0.5,
  permutations: 1999,
  seed: 1,
};
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function profileOf(table) {
  const builder = new ProfileBuilder(table.columns);
  for await (const batch of table.batches()) builder.add(batch);
  return builder.finish();
}

async function judge(profile, table) {
  const reference = { name: 'reference', profile };
  const current = await countTable(table, reference, { name: 'current', seed: 1 });
  return measureDrift({ reference, current }, OPTIONS);
}

async function times(referencePath, currentPath) {
  const [reference, current] = [await openTable(nodeDisk, referencePath), await openTable(nodeDisk, currentPath)];
  const start = cpu();
  const bytes = profileBytes(await profileOf(reference));
  const profiled = cpu();
  const { outcome, comparison } = await judge(readProfile(bytes), current);
  const judged = cpu();
  return {
    rows: comparison.current.rows,
    columns: comparison.columns.length,
    outcome,
    profileCpu: profiled - start,
    judgeCpu: judged - profiled,
  };
}

/** Rows that are made anew for each batch and never kept; the largest size of the process meanwhile is told to `seen`. */
function endless(rows, seen) {
  const random = mulberry32(1);
  const columns = Array.from({ length: COLUMNS }, (_, at) => ({ name: `c${at}`, type: 'number', stored: 'float64' }));
  const values = columns.map(() => new Float64Array(ROWS));
  const batches = async function* () {
    for (let start = 0; start < rows; start += ROWS) {
      const many = Math.min(ROWS, rows - start);
      for (const column of values) for (let row = 0; row < many; row += 1) column[row] = random();
      seen(process.memoryUsage.rss());
      yield { start, rows: many, columns: values.map((own) => ({ type: 'number', values: own, missing: undefined })) };
    }
  };
  return { columns, batches, read: 0, bytes: 0 };
}

async function growth(millions) {
  let most = 0;
  const seen = (bytes) => (most = Math.max(most, bytes));
  // Programs are compiled and buffers are allocated in the first million values.
  await judge(await profileOf(endless(ROWS, seen)), endless(ROWS, seen));
  const before = process.memoryUsage.rss();
  most = before;
  const rows = Math.ceil((millions * 1e6) / COLUMNS);
  await judge(await profileOf(endless(rows, seen)), endless(rows, seen));
  return {
    values: rows * COLUMNS,
    passes: 2,
    growthMiB: (Math.max(most, process.memoryUsage.rss()) - before) / 2 ** 20,
  };
}

const [first, second] = process.argv.slice(2);
console.log(JSON.stringify(first === 'growth' ? await growth(Number(second ?? 100)) : await times(first, second)));
