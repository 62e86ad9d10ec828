// readlink(2): the disk port has no links, because nothing else in Vallum follows any.
import { readlink } from 'node:fs/promises';
import type { LinkReader } from '../links.js';

export const readLink: LinkReader = (path) => readlink(path);
