// Prints what a task took, without its start-up and preparation: `{ "seconds", "cpu", "count" }`.
export async function timed(work) {
  const before = process.cpuUsage();
  const started = process.hrtime.bigint();
  const count = await work();
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6, count }));
}
