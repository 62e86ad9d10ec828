// Python that a hosting service runs because of where it lies: `code/inference.py` of SageMaker. What it does is judged as
// Python; that it runs at all is told here.
import type { Context, Item } from '../context.js';
import { find } from '../context.js';

export async function examineEntryPoint(context: Context, item: Item): Promise<void> {
  find(context, item, {
    rule: 'VLM-SRV-003',
    detail: `${item.name.split(/[/\\]/).slice(-2).join('/')} is run as the entry point`,
  });
}
