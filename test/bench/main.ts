/**
 * Measures the tool against what cannot be beaten (the drivers alone) and against what people would do without it (a
 * script), side by side on the same machine and data, and prints the ratios. Flags: see `options.ts`.
 *
 * npm run bench -- --teams 10000 --members 10
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureApplying } from './applying.js';
import { DataSet } from './data-set.js';
import { figureTable, type Figure } from './figure.js';
import { measureMemory } from './memory.js';
import { parseOptions } from './options.js';
import { measurePlanFile } from './plan-file.js';
import { measurePlanning } from './planning.js';
import { buildPrograms } from './programs.js';
import { openServers } from './servers.js';
import { measureStartUp } from './start-up.js';

const options = parseOptions(process.argv.slice(2));
const program = await buildPrograms();
const folder = await mkdtemp(join(tmpdir(), 'fix-roles-bench-'));
const servers = await openServers();
const dataSets: DataSet[] = [];
const figures: Figure[] = [];
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
const took = (found: readonly Figure[]): void => {
  figures.push(...found);
  for (const { name, value, from } of found) say(`  ${name}: ${value.toFixed(2)} (${from})`);
};
try {
  say('Starting nothing, and the tool.');
  const { figures: startUp, emptySeconds } = await measureStartUp();
  took(startUp);
  say(`Writing, verifying and showing a plan of ${options.planChanges} changes.`);
  took(await measurePlanFile(options.planChanges, folder, program));
  for (const part of [100, 10, 1]) {
    const world = { ...options, teams: Math.ceil(options.teams / part) };
    say(`Seeding ${world.teams} teams.`);
    dataSets.push(await DataSet.create(world, servers));
  }
  const largest = dataSets.at(-1);
  if (largest === undefined) throw new Error('there is no data set');
  const plan = join(folder, 'plan.json');
  say('Planning.');
  took(await measurePlanning(largest, plan, program, options.rounds, emptySeconds));
  say('Applying.');
  took(await measureApplying(largest, plan, program, options.rounds, emptySeconds));
  say('Memory.');
  took(await measureMemory(dataSets, folder));
} finally {
  for (const data of dataSets) await data.drop();
  await servers.stop();
  await rm(folder, { recursive: true });
}
const [processor] = cpus();
const setting = {
  at: new Date().toISOString(),
  node: process.version,
  machine: `${cpus().length} × ${processor?.model ?? 'unknown'}`,
  servers: servers.description,
  options,
};
process.stdout.write(
  options.form === 'json'
    ? `${JSON.stringify({ ...setting, figures }, null, 2)}\n`
    : `${JSON.stringify(setting)}\n\n${figureTable(figures)}\n${JSON.stringify(Object.fromEntries(figures.map(({ name, value }) => [name, Number(value.toFixed(3))])))}\n`,
);
