// Width and height as the header of an image says them, without decoding it: claims of the file.

export interface ImageSize {
  readonly format: 'png' | 'jpeg' | 'gif' | 'bmp';
  readonly width: number;
  readonly height: number;
  /** Channels of JPEG; undefined where the header does not say. */
  readonly channels: number | undefined;
}

export function imageFormat(head: Uint8Array): ImageSize['format'] | undefined {
  const start = Buffer.from(head.subarray(0, 6)).toString('latin1');
  if (start.startsWith('\x89PNG')) return 'png';
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (start === 'GIF87a' || start === 'GIF89a') return 'gif';
  return start.startsWith('BM') && head.length >= 26 && head[15] === 0 && head[16] === 0 && head[17] === 0
    ? 'bmp'
    : undefined;
}

/** Undefined when it is none of them, or too short. */
export function imageSize(input: Uint8Array): ImageSize | undefined {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  const format = imageFormat(bytes);
  switch (format) {
    case 'png':
      if (bytes.length < 26) return undefined;
      return { format, width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), channels: undefined };
    case 'gif':
      if (bytes.length < 10) return undefined;
      return { format, width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8), channels: undefined };
    case 'bmp':
      return { format, width: bytes.readInt32LE(18), height: Math.abs(bytes.readInt32LE(22)), channels: undefined };
    case 'jpeg':
      return jpegSize(bytes);
    case undefined:
      return undefined;
  }
}

/** Walks the segments up to the start of a frame (ITU-T T.81, B.2.2). */
function jpegSize(bytes: Buffer): ImageSize | undefined {
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (frame)
      return {
        format: 'jpeg',
        height: bytes.readUInt16BE(at + 5),
        width: bytes.readUInt16BE(at + 7),
        channels: bytes[at + 9],
      };
    // A fill byte, or a marker without a segment.
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}
