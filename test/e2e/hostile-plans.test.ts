import { chmod, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { BAD_PLANS } from '../unit/files/hostile.js';
import { startFront } from '../integration/doctor/tls-front.js';
import { samplePlan } from '../unit/files/sample-plan.js';
import { emptyDirectory, shell, type Run } from './cli.js';

/** Every third of them; the unit tests go through all. */
const PLANS = BAD_PLANS.filter((_plan, index) => index % 3 === 0);
const AT_ONCE = 2;
/** Of a processor: what else the machine is doing does not count. */
const SECONDS_MAX = 2;

// It stands for both databases, and counts who comes.
let connections = 0;
const databases = await startFront((client) => {
  connections += 1;
  client.destroy();
});
afterAll(() => databases.stop());

interface TimedRun extends Run {
  readonly seconds: number;
}

async function apply(path: string, ...flags: string[]): Promise<TimedRun> {
  const env = {
    MONGODB_URI: `mongodb://127.0.0.1:${databases.port}/?directConnection=true&serverSelectionTimeoutMS=500`,
    DB_NAME: 'app',
    POSTGRES_HOST: '127.0.0.1',
    POSTGRES_PORT: String(databases.port),
    POSTGRES_DB: 'app',
    POSTGRES_USER: 'app',
    POSTGRES_PASSWORD: 'secret',
  };
  // Bash says on the last line how long it took.
  const script = `TIMEFORMAT='%U %S'; time fix-roles apply "$PLAN" --yes --max-age 36500d ${flags.join(' ')}`;
  const { code, stdout, stderr } = await shell(script, { env: { ...env, PLAN: path } });
  const [, said = '', user = '', system = ''] = /^(.*?)([\d.]+) ([\d.]+)\n$/s.exec(stderr) ?? [];
  return { code, stdout, stderr: said, seconds: Number(user) + Number(system) };
}

/** What is wrong with how the tool refused a plan; empty where it did right. */
function objections({ code, stdout, stderr, seconds }: TimedRun): string[] {
  return [
    ...(code === 4 ? [] : [`exit code ${String(code)}`]),
    ...(stdout === '' ? [] : ['something on stdout']),
    ...(/^\s+at .*:\d+/m.test(stderr) ? ['a stack trace'] : []),
    ...(stderr.split('\n').length <= 10 ? [] : ['more than ten lines']),
    ...(seconds < SECONDS_MAX ? [] : [`${seconds} s`]),
    ...(connections === 0 ? [] : ['a connection']),
  ];
}

describe('fix-roles apply --yes', () => {
  test('refuses every bad plan before it opens a connection', { timeout: 600_000 }, async () => {
    const folder = await emptyDirectory();
    const good = (await samplePlan()).toString('utf8');
    const wrong: string[] = [];
    let slowest = 0;
    const waiting = [...PLANS.entries()];
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, { name, spoil }] = next;
        const path = join(folder, `${index}.json`);
        await writeFile(path, spoil(good), { mode: 0o600 });
        const run = await apply(path);
        slowest = Math.max(slowest, run.seconds);
        const found = objections(run);
        if (found.length > 0) wrong.push(`${name}: ${found.join(', ')}: ${run.stderr}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const rejected = PLANS.length - wrong.length;
    process.stdout.write(
      `bad plans rejected: ${rejected} of ${PLANS.length}, the slowest in ${slowest.toFixed(1)} s\n`,
    );
    expect(wrong).toEqual([]);
    // No receipt either: nothing was begun.
    expect(await readdir(folder)).toHaveLength(PLANS.length);
  });

  test('refuses a good plan that somebody else could have changed, unless told so', async () => {
    const folder = await emptyDirectory();
    const plan = join(folder, 'plan.json');
    const link = join(folder, 'link.json');
    await writeFile(plan, await samplePlan());
    await chmod(plan, 0o666);
    await symlink(plan, link);
    expect(objections(await apply(plan))).toEqual([]);
    expect(objections(await apply(link))).toEqual([]);
    expect(objections(await apply(link, '--insecure-file'))).toEqual(['exit code 1', 'a connection']);
    connections = 0;
  });
});
