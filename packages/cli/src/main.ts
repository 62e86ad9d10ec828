// Entry of the command: the version without loading anything, everything else through the program.
import { TOOL } from './version.js';

/** As in exit.ts, which is not loaded here: the version comes at once. */
const WRONG_USE = 3;

// A reader that hangs up, such as `head`, is no error, and the exit code still says what was found. An answer that is lost
// for another reason, such as a full disk, is never a pass.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`vallum: the answer cannot be written: ${error.message}\n`);
    process.exit(WRONG_USE);
  });

const [first] = process.argv.slice(2);
if (first === '--version' || first === '-V') {
  process.stdout.write(`${TOOL.version}\n`);
} else {
  const { runProgram } = await import('./program.js');
  process.exitCode = await runProgram(process.argv.slice(2));
}
