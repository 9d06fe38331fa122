import { readPlan, type VerifiedPlan } from './reader.js';
import type { PlanSink } from '../sink.js';
import type { ReadingObserver } from '../source.js';
import { openSpool, type Spool } from '../spool.js';

/** A plan that is only looked at: it is written to a private temporary file and read from there. */
export interface ScratchPlan {
  readonly sink: PlanSink;
  /** Verifies what was written, as of any plan; `now` in milliseconds since 1970. */
  read(now: number, observer?: ReadingObserver): Promise<VerifiedPlan>;
  close(): Promise<void>;
}

export async function openScratchPlan(): Promise<ScratchPlan> {
  const spool = await openSpool();
  return {
    sink: {
      // The spool keeps the bytes, and the writer may change them.
      write: (bytes) => spool.append(Uint8Array.from(bytes)),
      commit: () => Promise.resolve(),
      discard: () => spool.close(),
    },
    read: (now, observer) => {
      const doing = 'reading the plan that was just made';
      const input = { doing, size: spool.size, chunks: copies(spool), close: () => Promise.resolve() };
      return readPlan({ kind: 'open', input }, { now, observer });
    },
    close: () => spool.close(),
  };
}

/** The reader keeps each chunk; one of the spool is valid only until the next one is asked for. */
async function* copies(spool: Spool): AsyncIterable<Buffer> {
  for await (const chunk of spool.read()) yield Buffer.from(chunk);
}
