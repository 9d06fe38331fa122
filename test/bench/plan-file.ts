/**
 * Writes, verifies and reads again plans of 100,000 and of 1,000,000 changes, each in a process of its own, and prints
 * how long each step took and how much memory the process ever held.
 *
 * npx tsx test/bench/plan-file.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openFileSink } from '../../src/plan/file-sink.js';
import { readPlan } from '../../src/plan/reader.js';
import { openPlanWriter } from '../../src/plan/writer.js';
import {
  decide,
  live,
  mongoRow,
  NOW,
  postgresRow,
  SAMPLE_REST,
  user,
  type SampleTeam,
} from '../unit/plan/sample-plan.js';

/** Eighteen changes: six for the owner, and two for each of six users. */
const CHANGES_PER_TEAM = 18;
/** Beyond the teams that the sample excludes. */
const FIRST_TEAM = 100;

function benchTeam(number: number): SampleTeam {
  const first = number * 8;
  const users = [user(first, true)];
  for (let index = 1; index <= 6; index += 1) {
    const row = first + index;
    const role = index % 2 === 0 ? 'admin' : 'owner';
    users.push(user(row, false, { mongo: [mongoRow(row, role)], postgres: [postgresRow(row, role, row)] }));
  }
  return { team: live(number, first), users };
}

async function measure(changes: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fix-roles-bench-'));
  const path = join(folder, 'plan.json');
  try {
    let began = performance.now();
    const lap = (): number => {
      const took = (performance.now() - began) / 1000;
      began = performance.now();
      return took;
    };
    const teams = Math.ceil(changes / CHANGES_PER_TEAM);
    const writer = await openPlanWriter();
    for (let number = FIRST_TEAM; number < FIRST_TEAM + teams; number += 1) {
      const { planned, findings } = decide(benchTeam(number));
      for (const finding of findings) await writer.finding(finding);
      if (planned !== undefined) await writer.team(planned);
    }
    const rest = { ...SAMPLE_REST, scanned: teams };
    await writer.finish(rest, await openFileSink(path, 'refuse'));
    const write = lap();
    const plan = await readPlan({ kind: 'file', path, trust: 'strict' }, { now: NOW });
    const verify = lap();
    let read = 0;
    for await (const { decisions } of plan.teams()) {
      for (const decision of decisions) read += decision.changes.length;
    }
    await plan.close();
    const reread = lap();
    const seconds = (time: number): string => `${time.toFixed(1)} s`;
    const megabytes = ((await stat(path)).size / 1e6).toFixed(0);
    const peak = (process.resourceUsage().maxRSS / 1024).toFixed(0);
    process.stdout.write(
      `${read} changes, ${megabytes} MB: decide and write ${seconds(write)}, verify ${seconds(verify)}, ` +
        `read again ${seconds(reread)}, peak RSS ${peak} MiB\n`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [size] = process.argv.slice(2);
if (size !== undefined) {
  await measure(Number(size));
} else {
  for (const changes of ['100000', '1000000']) {
    const script = fileURLToPath(import.meta.url);
    execFileSync(process.execPath, [...process.execArgv, script, changes], { stdio: 'inherit' });
  }
}
