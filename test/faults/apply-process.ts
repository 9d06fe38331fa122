import { Collection } from 'mongodb';
import { ReceiptWriter } from '../../src/files/receipt/writer.js';
import type { Instruction, Message } from './apply-order.js';
import { OrderedRun } from './ordered-run.js';

/**
 * A process that applies plans as the suite orders it, several at a time. Each run can be held, and the process be
 * killed, at any point: at the steps that the product announces, around every line of the receipt, and around single
 * writes. The product knows nothing of it.
 */
const runs = new Map<number, OrderedRun>();

watchReceipt();
watchSingleWrites();
process.on('message', (instruction: Instruction) => {
  const { run } = instruction;
  switch (instruction.kind) {
    case 'apply':
      void begin(run, new OrderedRun(run, instruction.order, tell));
      break;
    case 'go-on':
      runs.get(run)?.goOn();
      break;
    case 'interrupt':
      runs.get(run)?.interrupt();
      break;
  }
});
process.on('disconnect', () => process.exit());
tell({ kind: 'ready' });

function tell(message: Message): void {
  process.send?.(message);
}

async function begin(number: number, run: OrderedRun): Promise<void> {
  runs.set(number, run);
  const ending = await run.apply();
  runs.delete(number);
  tell({ kind: 'ended', run: number, ending });
}

/** Points in the middle of every line of the receipt, of which half is written then, and after it. */
function watchReceipt(): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
  const { append } = ReceiptWriter.prototype;
  ReceiptWriter.prototype.append = async function (event): Promise<void> {
    const run = [...runs.values()].find(({ order }) => order.receipt === this.path);
    await run?.pass(`torn ${event.event}`, JSON.stringify(event));
    await append.call(this, event);
    await run?.pass(`recorded ${event.event}`);
  };
}

/** Points after every single write, with which a server without transactions has to do. */
function watchSingleWrites(): void {
  const { prototype } = Collection;
  for (const name of ['insertOne', 'updateOne', 'deleteOne'] as const) {
    const write: unknown = Reflect.get(prototype, name);
    if (typeof write !== 'function') throw new Error(`the driver has no ${name}`);
    Object.defineProperty(prototype, name, {
      value: async function (this: Collection, ...args: unknown[]): Promise<unknown> {
        const result: unknown = await Reflect.apply(write, this, args);
        const run = [...runs.values()].find(({ order }) => order.mongo.database === this.dbName);
        await run?.pass(`step single ${name}`);
        return result;
      },
    });
  }
}
