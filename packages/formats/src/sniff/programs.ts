// Programs whose first bytes alone do not tell them: PE, Mach-O for several processors, Java classes, Python bytecode.

type Program = 'pe' | 'mach-o' | 'java-class' | 'python-bytecode';

/** More processors than any Mach-O file is for; the version of a Java class is larger. */
const MAX_ARCHITECTURES = 40;

export function programsIn(head: Uint8Array): Program[] {
  const found: Program[] = [];
  const data = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (isPortableExecutable(data)) found.push('pe');
  if (head.length >= 8 && data.readUInt32BE(0) === 0xcafebabe)
    found.push(data.readUInt32BE(4) <= MAX_ARCHITECTURES ? 'mach-o' : 'java-class');
  if (isPythonBytecode(head)) found.push('python-bytecode');
  return found;
}

// MZ alone is two letters; the header that it points to must be there too, or lie beyond what was read.
function isPortableExecutable(head: Buffer): boolean {
  if (head[0] !== 0x4d || head[1] !== 0x5a || head.length < 64) return false;
  const at = head.readUInt32LE(60);
  return at + 4 > head.length || (head[at] === 0x50 && head[at + 1] === 0x45);
}

/** A number of the version, then CR LF: Python 3.0 to 3.x has 0x0b to 0x0f in its second byte, Python 2 0xf2 or 0xf3. */
function isPythonBytecode(head: Uint8Array): boolean {
  const version = head[1] ?? 0;
  const known = (version >= 0x0b && version <= 0x0f) || version === 0xf2 || version === 0xf3;
  // Behind it stand flags or a time, and then an object: most often code (`c`, or with a reference `ã`).
  return known && head[2] === 0x0d && head[3] === 0x0a && head.length >= 9;
}
