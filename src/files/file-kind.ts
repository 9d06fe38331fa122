import { doingOf, openSource, type OpenSource, type PlanSource } from './source.js';

/** A file of known kind, open from its beginning. */
export interface KnownFile {
  readonly kind: 'plan' | 'receipt';
  readonly source: PlanSource;
}

/** Every receipt begins with these bytes; a plan has a line break after its brace. */
const RECEIPT_START = '{"event":';

/**
 * Opens a file and tells its kind by its first bytes. It is opened only once, because a pipe cannot be read again.
 * What is no receipt counts as a plan; the plan's reader says what is wrong with it.
 *
 * @throws Failure (operational) where the file cannot be read
 */
export async function openKnownFile(source: PlanSource): Promise<KnownFile> {
  const input = await openSource(source);
  try {
    const rest = input.chunks[Symbol.asyncIterator]();
    const start: Buffer[] = [];
    let length = 0;
    while (length < RECEIPT_START.length) {
      const next = await rest.next();
      if (next.done === true) break;
      // A chunk is valid only until the next one is asked for.
      start.push(Buffer.from(next.value));
      length += next.value.length;
    }
    const beginning = Buffer.concat(start);
    const kind = beginning.toString('latin1').trimStart().startsWith(RECEIPT_START) ? 'receipt' : 'plan';
    const chunks = continued(beginning, rest);
    const whole: OpenSource = { ...input, doing: doingOf(source, kind), chunks, close: () => input.close() };
    return { kind, source: { kind: 'open', input: whole } };
  } catch (error) {
    await input.close();
    throw error;
  }
}

async function* continued(beginning: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (beginning.length > 0) yield beginning;
    for (;;) {
      const next = await rest.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}
