import type { Writable } from 'node:stream';
import { codeOf } from '../model/errors.js';
import { Failure } from '../model/failure.js';

/** Where the bytes of a plan go: nothing is visible under a final name before `commit`. */
export interface PlanSink {
  /** Waits until the bytes are taken (backpressure); only then may they be changed. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes what was written durable and visible. */
  commit(): Promise<void>;
  /** Takes back what can be taken back; safe to call at any time. */
  discard(): Promise<void>;
}

/**
 * A sink for a stream, which stays open.
 *
 * @throws Failure (operational), from its methods, where the reader of a pipe has gone
 */
export function streamSink(stream: Writable): PlanSink {
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        // Without a listener the stream's own 'error' event would end the process.
        const ignore = (): void => undefined;
        stream.once('error', ignore);
        stream.write(bytes, (error) => {
          if (error) reject(lost(error));
          else {
            stream.off('error', ignore);
            resolve();
          }
        });
      }),
    commit: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}

function lost(cause: Error): Failure {
  const gone = codeOf(cause) === 'EPIPE';
  const text = {
    doing: 'writing the result to standard output',
    problem: gone ? 'the program that was reading it has ended' : cause.message,
    next: 'Run the same command again into a file (> FILE), or with a program that reads to the end.',
  };
  return new Failure('operational', text, { cause });
}
