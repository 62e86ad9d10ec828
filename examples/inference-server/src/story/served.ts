// The models as they are made and served: trained by the examples' own scripts, laid out for the server, swapped and put back.
import { cp, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLASSES, PIXELS } from '../perceptron.js';
import { fromSafetensors, toSafetensors } from '../safetensors.js';
import { HIDDEN, Network } from './network.js';
import type { World } from './world.js';

const WEIGHTS = 'model.safetensors';
const EPOCHS = 6;
const EXAMPLE = 'inference-server';

/** Both models, and the feeds of the spam filter. */
export async function trainModels(world: World): Promise<void> {
  const digits = world.script(EXAMPLE, 'train-digits.js', '--out', folderOf(world), '--epochs', String(EPOCHS));
  const feeds = world.path('feeds');
  await world.script('spam-filter', 'prepare.js', '--out', feeds);
  await world.script('spam-filter', 'train.js', '--data', feeds, '--out', world.path('served', 'spam-filter'));
  await digits;
}

function folderOf(world: World): string {
  return world.path('project', 'models', 'v1');
}

/** What is served is a copy: the server does not read in the project. */
export async function deploy(world: World): Promise<void> {
  await cp(folderOf(world), world.path('served', 'digits'), { recursive: true });
}

/** The served digits model, to be trained on. */
export async function readModel(world: World): Promise<Network> {
  const { w1, b1, w2, b2 } = fromSafetensors(await readFile(join(folderOf(world), WEIGHTS)));
  if (w1 === undefined || b1?.length !== HIDDEN || w2 === undefined || b2 === undefined)
    throw new Error(`the digits model has no ${HIDDEN} hidden units`);
  const network = new Network(1);
  network.w1.set(turned(w1, HIDDEN, PIXELS));
  network.b1.set(b1);
  network.w2.set(turned(w2, CLASSES, HIDDEN));
  network.b2.set(b2);
  return network;
}

/** Puts another model in the place of the served one. */
export async function swap(world: World, { w1, b1, w2, b2 }: Network): Promise<void> {
  const weights = toSafetensors({
    w1: { shape: [HIDDEN, PIXELS], data: turned(w1, PIXELS, HIDDEN) },
    b1: { shape: [HIDDEN], data: b1 },
    w2: { shape: [CLASSES, HIDDEN], data: turned(w2, HIDDEN, CLASSES) },
    b2: { shape: [CLASSES], data: b2 },
  });
  await putInPlace(world, weights);
}

export async function restore(world: World): Promise<void> {
  await putInPlace(world, await readFile(join(folderOf(world), WEIGHTS)));
}

/** The server never reads half a file. */
async function putInPlace(world: World, weights: Buffer): Promise<void> {
  await writeFile(world.path('weights.new'), weights);
  await rename(world.path('weights.new'), world.path('served', 'digits', WEIGHTS));
}

/** Rows to columns: here a weight lies by input first, in the file by output. */
function turned(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return matrix.map((_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)] as number);
}
