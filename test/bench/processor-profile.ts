import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** A function that the processor was in. */
export interface Frame {
  readonly name: string;
  /** The source file below the project (`src/…`, `node_modules/…`), or `node:…`; empty for what is not JavaScript. */
  readonly source: string;
}

/** Where the main thread was for some time: the innermost function first, then who called it, and so on. */
export interface Sample {
  readonly microseconds: number;
  readonly stack: readonly Frame[];
}

/** Reads what `node --cpu-prof --cpu-prof-dir FOLDER` has written about the main thread of one process. */
export async function readProfile(folder: string): Promise<Sample[]> {
  const names = await readdir(folder);
  const name = names.find((file) => /\.0\.\d+\.cpuprofile$/.test(file));
  if (name === undefined) throw new Error(`there is no profile in ${folder}`);
  const profile = profileSchema.parse(JSON.parse(await readFile(join(folder, name), 'utf8')));
  const sources = new SourcesOfBundles();
  const stacks = new Map<number, readonly Frame[]>();
  const callers = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  // Callers stand before those whom they call.
  for (const { id, callFrame } of profile.nodes) {
    const { functionName, url, lineNumber } = callFrame;
    const frame = { name: functionName, source: await sources.of(url, lineNumber) };
    stacks.set(id, [frame, ...(stacks.get(callers.get(id) ?? -1) ?? [])]);
  }
  return profile.samples.map((id, index) => ({
    microseconds: profile.timeDeltas[index] ?? 0,
    stack: stacks.get(id) ?? [],
  }));
}

/** Finds what a line of a bundle comes from: the bundler names every source in a comment before its code. */
class SourcesOfBundles {
  readonly #lines = new Map<string, Promise<string[]>>();

  async of(url: string, line: number): Promise<string> {
    if (!url.startsWith('file:')) return url;
    const path = fileURLToPath(url);
    const [, installed] = /(node_modules\/.*)$/.exec(path) ?? [];
    if (installed !== undefined) return installed;
    const lines = this.#lines.get(path) ?? sourceOfEveryLine(path);
    this.#lines.set(path, lines);
    return (await lines)[line] ?? '';
  }
}

async function sourceOfEveryLine(path: string): Promise<string[]> {
  let source = '';
  return (await readFile(path, 'utf8')).split('\n').map((line) => {
    source = /^\/\/ ((?:src|node_modules)\/\S+)$/.exec(line)?.[1] ?? source;
    return source;
  });
}
