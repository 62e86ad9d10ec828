// For the bundle: `import { a } from '@vallum/model'` becomes an import of the file that makes `a`. The door of a package
// names everything in it, and a bundler that splits loads with one name of a door all that others ask of it: a command
// that verifies a signature would load every parser of the scanner, which takes longer than its work.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const RE_EXPORT = /export \{([^}]*)\} from '(\.[^']+)\.js';/g;
const IMPORT = /import \{([^}]*)\} from '(@vallum\/[a-z]+)';/g;

/** Names of a list in braces that exist when it runs, each as `[there, here]`. */
const namesIn = (list) =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.split(/\s+as\s+/))
    .map(([there, here = there]) => [there, here]);

/** For each name of a door the file and the name in it. */
function readDoor(root, name) {
  const door = join(root, 'packages', name.slice('@vallum/'.length), 'src/index.ts');
  const found = new Map();
  for (const [, list, file] of readFileSync(door, 'utf8').matchAll(RE_EXPORT))
    for (const [there, here] of namesIn(list)) found.set(here, { file: join(dirname(door), `${file}.ts`), there });
  return found;
}

export function pastDoors(root) {
  const doors = new Map();
  const doorOf = (name) => {
    if (!doors.has(name)) doors.set(name, readDoor(root, name));
    return doors.get(name);
  };
  const rewritten = (whole, list, name) => {
    const door = doorOf(name);
    const lines = namesIn(list).map(([there, here]) => {
      const made = door.get(there) ?? { file: name, there };
      return `import { ${made.there} as ${here} } from ${JSON.stringify(made.file)};`;
    });
    // Errors keep their lines.
    return lines.join(' ') + '\n'.repeat(whole.split('\n').length - 1);
  };
  return {
    name: 'past-doors',
    setup: ({ onLoad }) =>
      onLoad({ filter: /[\\/]packages[\\/][a-z]+[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace(IMPORT, rewritten),
        loader: 'ts',
      })),
  };
}
