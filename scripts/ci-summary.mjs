// The last lines of CI: `node scripts/ci-summary.mjs REPORT [FAILED COMMAND...]` reads Vitest's JSON report and ends with
// `N passed, N failed`. A skipped test counts as failed, for in CI everything that a test needs is there; so do a test file
// that did not even load, a missing or empty report, and each command that failed for another reason than its tests.
import { readFileSync } from 'node:fs';

const [path, ...commands] = process.argv.slice(2);

function readReport() {
  try {
    const { testResults } = JSON.parse(readFileSync(path, 'utf8'));
    const files = testResults.map(({ name, status, assertionResults }) => ({
      name,
      broken: status !== 'passed' && !assertionResults.some((test) => test.status === 'failed'),
      tests: assertionResults.map((test) => ({ name: test.fullName, status: test.status })),
    }));
    return { files };
  } catch (error) {
    return { files: [], problem: `no readable test report: ${error.message.split('\n')[0]}` };
  }
}

const { files, problem } = readReport();
const tests = files.flatMap((file) => file.tests);
const passed = tests.filter(({ status }) => status === 'passed').length;
const failed = tests.filter(({ status }) => status === 'failed');
const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed');
const broken = files.filter((file) => file.broken);
const explained = failed.length + skipped.length + broken.length > 0 || problem !== undefined;
const others = commands.filter((command) => command !== 'npm test' || !explained);
if (passed === 0 && !explained) others.push('no test ran');

if (problem !== undefined) console.log(problem);
for (const { name } of failed) console.log(`failed: ${name}`);
for (const { name } of skipped) console.log(`skipped, and in CI that is a failure: ${name}`);
for (const { name } of broken) console.log(`did not run: ${name}`);
for (const command of others) console.log(`failed: ${command}`);
const failures = failed.length + skipped.length + broken.length + others.length + (problem === undefined ? 0 : 1);
console.log(`${passed} passed, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
