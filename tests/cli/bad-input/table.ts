// The table of bad input: every way in which people, files and machines get it wrong.
import { commands } from './commands.js';
import { declaration } from './declaration.js';
import { files } from './files.js';
import { people } from './people.js';
import { proof } from './proof.js';
import { state } from './state.js';
import type { Row } from './row.js';

export const BAD_INPUT: readonly Row[] = [...declaration, ...files, ...state, ...commands, ...people, ...proof];
