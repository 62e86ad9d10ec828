// One decision of Cedar that nobody remembered, under so many policies: prints microseconds, wall and CPU.
//   node bench/tasks/cedar-uncached.mjs POLICIES DECISIONS
import { setFlagsFromString } from 'node:v8';
import { authorise } from '@vallum/policy';

// As the gateway's workers run it.
setFlagsFromString('--liftoff-only');
const [count, decisions] = process.argv.slice(2).map(Number);
// Four apply to the question, the others to other models.
const policies = Object.fromEntries(
  Array.from({ length: count }, (_, at) => [
    `p${at}`,
    `permit (principal, action == Vallum::Action::"infer", resource is Vallum::Endpoint) when ` +
      (at < 4 ? `{ principal.roles.contains("infer") };` : `{ resource.model == "model-${at}" };`),
  ]),
);
const resource = { type: 'Endpoint', id: 'digits infer', model: 'digits', protocol: 'oip', operation: 'infer' };
const ask = (at) =>
  authorise({
    principal: `principal-${at}`,
    roles: ['infer'],
    action: 'infer',
    resource: { ...resource, role: 'infer:digits' },
    context: {},
    policies,
  });

const first = await ask(0);
if (!first.allow) throw new Error(`the policies deny: ${JSON.stringify(first).slice(0, 300)}`);
for (let at = 0; at < 50; at += 1) await ask(at);
const began = process.hrtime.bigint();
const before = process.cpuUsage();
for (let at = 0; at < decisions; at += 1) await ask(at);
const { user, system } = process.cpuUsage(before);
const wall = Number(process.hrtime.bigint() - began) / 1e3 / decisions;
console.log(JSON.stringify({ wall, cpu: (user + system) / decisions }));
