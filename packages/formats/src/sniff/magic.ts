// Formats that announce themselves by fixed bytes. One row each: name, offset, bytes.

/** What content can turn out to be. `text` is valid UTF-8 without control characters. */
export type Format =
  | 'pickle'
  | 'zip'
  | 'onnx'
  | 'safetensors'
  | 'npy'
  | 'json'
  | 'text'
  | 'png'
  | 'jpeg'
  | 'gif'
  | 'webp'
  | 'gzip'
  | 'zlib'
  | 'bzip2'
  | 'xz'
  | 'zstd'
  | 'lz4'
  | '7z'
  | 'rar'
  | 'tar'
  | 'hdf5'
  | 'gguf'
  | 'tflite'
  | 'executorch'
  | 'rds'
  | 'sqlite'
  | 'parquet'
  | 'elf'
  | 'pe'
  | 'mach-o'
  | 'java-class'
  | 'python-bytecode'
  | 'script'
  | 'pdf';

interface Magic {
  readonly format: Format;
  readonly at: number;
  readonly bytes: string;
}

const MAGIC: readonly Magic[] = [
  { format: 'png', at: 0, bytes: '89504e470d0a1a0a' },
  { format: 'jpeg', at: 0, bytes: 'ffd8ff' },
  { format: 'gif', at: 0, bytes: '47494638' },
  { format: 'webp', at: 8, bytes: '57454250' },
  { format: 'npy', at: 0, bytes: '934e554d5059' },
  { format: 'gzip', at: 0, bytes: '1f8b' },
  { format: 'zlib', at: 0, bytes: '7801' },
  { format: 'zlib', at: 0, bytes: '785e' },
  { format: 'zlib', at: 0, bytes: '789c' },
  { format: 'zlib', at: 0, bytes: '78da' },
  { format: 'bzip2', at: 0, bytes: '425a68' },
  { format: 'xz', at: 0, bytes: 'fd377a585a00' },
  { format: 'zstd', at: 0, bytes: '28b52ffd' },
  { format: 'lz4', at: 0, bytes: '04224d18' },
  { format: '7z', at: 0, bytes: '377abcaf271c' },
  { format: 'rar', at: 0, bytes: '526172211a07' },
  { format: 'tar', at: 257, bytes: '7573746172' },
  { format: 'hdf5', at: 0, bytes: '894844460d0a1a0a' },
  { format: 'hdf5', at: 512, bytes: '894844460d0a1a0a' },
  { format: 'hdf5', at: 1024, bytes: '894844460d0a1a0a' },
  { format: 'hdf5', at: 2048, bytes: '894844460d0a1a0a' },
  { format: 'gguf', at: 0, bytes: '47475546' },
  { format: 'gguf', at: 0, bytes: '46554747' },
  { format: 'tflite', at: 4, bytes: '54464c33' },
  { format: 'executorch', at: 4, bytes: '45543132' },
  { format: 'rds', at: 0, bytes: '580a000000' },
  { format: 'sqlite', at: 0, bytes: '53514c69746520666f726d6174203300' },
  { format: 'parquet', at: 0, bytes: '50415231' },
  { format: 'elf', at: 0, bytes: '7f454c46' },
  { format: 'mach-o', at: 0, bytes: 'cffaedfe' },
  { format: 'mach-o', at: 0, bytes: 'cefaedfe' },
  { format: 'java-class', at: 0, bytes: 'cafebabe' },
  { format: 'script', at: 0, bytes: '2321' },
  { format: 'pdf', at: 0, bytes: '255044462d' },
];

/** Formats whose fixed bytes stand in the first 4 KiB. */
export function byMagic(head: Uint8Array): Format[] {
  const found = MAGIC.filter(({ at, bytes }) => {
    const expected = Buffer.from(bytes, 'hex');
    return Buffer.compare(head.subarray(at, at + expected.length), expected) === 0;
  }).map(({ format }) => format);
  if (isPortableExecutable(head)) found.push('pe');
  if (head[2] === 0x0d && head[3] === 0x0a && (head[1] ?? 0) >= 0x0c && (head[1] ?? 0) <= 0x0f)
    found.push('python-bytecode');
  return [...new Set(found)];
}

// MZ alone is two letters; the header that it points to must be there too, or lie beyond what was read.
function isPortableExecutable(head: Uint8Array): boolean {
  if (head[0] !== 0x4d || head[1] !== 0x5a || head.length < 64) return false;
  const at = Buffer.from(head.buffer, head.byteOffset, head.byteLength).readUInt32LE(60);
  return at + 4 > head.length || (head[at] === 0x50 && head[at + 1] === 0x45);
}
