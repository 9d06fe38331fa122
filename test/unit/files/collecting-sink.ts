import { Writable } from 'node:stream';
import { streamSink, type PlanSink } from '../../../src/files/sink.js';

/** A sink whose bytes a test can look at. */
export function collectingSink(): { readonly sink: PlanSink; readonly written: () => Buffer } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { sink: streamSink(stream), written: () => Buffer.concat(chunks) };
}
