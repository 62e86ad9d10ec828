// Ids of 128 random bits each, cut from a stock of random bytes: asking the system for 16 bytes costs as much as for 4096.
import { randomFillSync } from 'node:crypto';

const BYTES = 16;
const STOCK = 256 * BYTES;

/** Gives 32 hexadecimal digits a call; no byte of the stock is given twice. */
export function randomIds(fill: (stock: Buffer) => void = (stock) => void randomFillSync(stock)): () => string {
  const stock = Buffer.alloc(STOCK);
  let at = STOCK;
  return () => {
    if (at === STOCK) {
      fill(stock);
      at = 0;
    }
    at += BYTES;
    return stock.toString('hex', at - BYTES, at);
  };
}
