/**
 * Measures the tool against what cannot be beaten (the drivers alone) and against what people would do without it (a
 * script), side by side on the same machine and data, and prints the ratios.
 *
 * npm run bench -- --teams 10000 --members 10
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureApplying } from './applying.js';
import { DataSet } from './data-set.js';
import { figureTable, type Figure } from './figure.js';
import { buildPrograms } from './measured-process.js';
import { measureMemory } from './memory.js';
import { measurePlanFile } from './plan-file.js';
import { profileBoth } from './profile.js';
import { measurePlanning, measureStartUp } from './planning.js';
import { openServers } from './servers.js';

const { values } = parseArgs({
  options: {
    /** Teams of the largest data set; the others have a tenth and a hundredth of it. */
    teams: { type: 'string', default: '10000' },
    /** Members of each team. */
    members: { type: 'string', default: '10' },
    /** The shares of teams with something to repair: planning is measured with each, everything else with the first. */
    broken: { type: 'string', default: '0.05,0.3' },
    seed: { type: 'string', default: '1' },
    /** How often each measurement is repeated; the medians count. */
    rounds: { type: 'string', default: '3' },
    /** Changes of the plan that is written, verified and shown. */
    'plan-changes': { type: 'string', default: '1000000' },
    /** Says besides where the time of one more `plan` and `apply` goes. */
    profile: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const whole = (flag: Exclude<keyof typeof values, 'json' | 'profile' | 'broken'>, least: number): number => {
  const number = Number(values[flag]);
  if (!Number.isSafeInteger(number) || number < least)
    throw new Error(`--${flag} must be a whole number of at least ${least}`);
  return number;
};
const [broken = 0, ...moreBroken] = values.broken.split(',').map(Number);
if (![broken, ...moreBroken].every((share) => share >= 0 && share <= 1))
  throw new Error('--broken must be shares from 0 to 1, with commas between them');
const largest = { teams: whole('teams', 100), members: whole('members', 2), broken, seed: whole('seed', 0) };
const rounds = whole('rounds', 1);
const planChanges = whole('plan-changes', 1);

await buildPrograms();
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
const seed = async (world: typeof largest): Promise<DataSet> => {
  say(`Seeding ${world.teams} teams, ${Math.round(world.broken * 100)} % broken.`);
  const data = await DataSet.create(world, servers);
  dataSets.push(data);
  return data;
};
try {
  say('Starting nothing, and the tool.');
  const { figure, emptySeconds } = await measureStartUp();
  took([figure]);
  say(`Writing, verifying and showing a plan of ${planChanges} changes.`);
  took(await measurePlanFile(planChanges, folder));
  const plan = join(folder, 'plan.json');
  for (const share of moreBroken) {
    const data = await seed({ ...largest, broken: share });
    took(await measurePlanning(data, plan, rounds, emptySeconds));
    await dataSets.pop()?.drop();
  }
  const data = await seed(largest);
  took(await measurePlanning(data, plan, rounds, emptySeconds));
  say('Applying.');
  took(await measureApplying(data, plan, rounds, emptySeconds));
  if (values.profile) took(await profileBoth(data, plan));
  for (const part of [10, 100]) await seed({ ...largest, teams: Math.ceil(largest.teams / part) });
  say('Memory.');
  took(await measureMemory(dataSets.toReversed(), folder));
} finally {
  for (const data of dataSets) await data.drop();
  await servers.stop();
  await rm(folder, { recursive: true });
}
const setting = {
  at: new Date().toISOString(),
  node: process.version,
  machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  servers: servers.description,
  options: values,
};
const named = Object.fromEntries(figures.map(({ name, value }) => [name, Number(value.toFixed(3))]));
process.stdout.write(
  values.json
    ? `${JSON.stringify({ ...setting, figures }, null, 2)}\n`
    : `${JSON.stringify(setting)}\n\n${figureTable(figures)}\n${JSON.stringify(named)}\n`,
);
