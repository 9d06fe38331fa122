import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { DataSet } from './data-set.js';
import type { Figure } from './figure.js';
import { measure, TOOL } from './measured-process.js';

const frameSchema = z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() });
type Frame = z.infer<typeof frameSchema>;
/** What V8 writes; times are microseconds. */
const profileSchema = z.object({
  nodes: z.array(
    z.object({ id: z.number(), callFrame: frameSchema, children: z.array(z.number()).default([]) }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** Where the time of `plan` goes, and that of `apply` with the plan that it makes. */
export async function profileBoth(data: DataSet, plan: string): Promise<Figure[]> {
  const receipt = `${plan}-profile-receipt.jsonl`;
  const planning = await profiled(['plan', '-q', '--force', '-o', plan], data);
  const flags = ['-q', '--yes', '--receipt', receipt, '--max-removals', '100%'];
  const applying = await profiled(['apply', plan, ...flags], data);
  await data.restore();
  return [...planning, ...applying];
}

/** By the process's own profiler: whatever calls Node or V8 has the time of it. */
async function profiled(args: readonly [string, ...string[]], data: DataSet): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fix-roles-profile-'));
  try {
    await measure(['--cpu-prof', '--cpu-prof-dir', folder, TOOL, ...args], data.environment);
    const name = (await readdir(folder)).find((file) => file.endsWith('.cpuprofile'));
    if (name === undefined) throw new Error('Node has written no profile');
    return await timesByPart(args[0], await readFile(join(folder, name), 'utf8'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function timesByPart(command: string, text: string): Promise<Figure[]> {
  const { nodes, samples, timeDeltas } = profileSchema.parse(JSON.parse(text));
  const parts = new Map<number, string>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const partOf = new PartOf();
  const visit = async (id: number, callers: string): Promise<void> => {
    const node = byId.get(id);
    if (node === undefined) return;
    const part = (await partOf.frame(node.callFrame)) ?? callers;
    parts.set(id, part);
    for (const child of node.children) await visit(child, part);
  };
  await visit(nodes[0]?.id ?? 0, 'Node itself');
  const seconds = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const part = parts.get(id) ?? 'Node itself';
    seconds.set(part, (seconds.get(part) ?? 0) + (timeDeltas[index] ?? 0) / 1e6);
  }
  const all = [...seconds.values()].reduce((sum, one) => sum + one, 0);
  return [...seconds]
    .sort(([, a], [, b]) => b - a)
    .map(([part, value]) => ({
      ...{ name: `${command}, time of: ${part}`, value, unit: 's' },
      from: `${Math.round((value / all) * 100)} % of ${all.toFixed(2)} s`,
    }));
}

/** Knows by its file which part of the program a frame belongs to. */
class PartOf {
  readonly #sources = new Map<string, Promise<readonly string[]>>();

  /** Undefined: a part of Node, which works for its caller. */
  async frame({ functionName, url, lineNumber }: Frame): Promise<string | undefined> {
    if (functionName === '(idle)') return 'waiting for servers and disk';
    if (functionName === '(garbage collector)') return 'collecting garbage';
    if (/\/node_modules\/(mongodb|bson)/.test(url)) return 'the MongoDB driver';
    if (/\/node_modules\/pg/.test(url)) return 'the PostgreSQL driver';
    if (url.startsWith('node:internal/modules') || functionName.startsWith('compile'))
      return 'loading modules';
    if (!url.includes('/dist/')) return undefined;
    const source = await this.#sourceOf(fileURLToPath(url), lineNumber);
    if (source.startsWith('src/files/receipt/')) return 'the receipt';
    if (source.startsWith('src/files/')) return 'the plan file';
    if (source.startsWith('src/stores/')) return 'our readers and statements';
    return source.startsWith('src/') ? 'our other code' : 'other packages';
  }

  /** The bundler names each file above its first line. */
  async #sourceOf(path: string, line: number): Promise<string> {
    const read = this.#sources.get(path) ?? readFile(path, 'utf8').then((text) => text.split('\n'));
    this.#sources.set(path, read);
    const named = (await read).slice(0, line + 1).findLast((text) => /^\/\/ \S+\/\S+$/.test(text));
    return named?.slice(3) ?? path;
  }
}
