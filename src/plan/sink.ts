import type { Writable } from 'node:stream';

/** Where the bytes of a plan go: nothing is visible under a final name before `commit`. */
export interface PlanSink {
  /** Waits until the bytes were taken (backpressure). */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes what was written durable and visible. */
  commit(): Promise<void>;
  /** Takes back what can be taken back; safe to call at any time. */
  discard(): Promise<void>;
}

/** What becomes of a file that already stands under the name. */
export type ExistingFile = 'refuse' | 'replace';

/**
 * A sink for standard output or another stream.
 *
 * @throws Failure (operational) where the reader of a pipe has gone
 */
export function streamSink(_stream: Writable): PlanSink {
  throw new Error('not written yet');
}

/**
 * A sink for `-o FILE`: mode 0600, under a temporary name in the same folder until `commit`, never over an existing
 * file unless told so. Call it before the work begins: it fails at once where the file may not be written.
 *
 * @throws Failure (refused) where the file exists, (operational) where it cannot be written
 */
export function openFileSink(_path: string, _existing: ExistingFile): Promise<PlanSink> {
  throw new Error('not written yet');
}
