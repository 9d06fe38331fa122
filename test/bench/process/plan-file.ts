/**
 * Writes a plan with so many changes, out of teams that are made up on the way; without CHANGES, verifies every byte of it.
 *
 * node plan-file.mjs FILE [CHANGES]
 */
import { openFileSink } from '../../../src/files/file-sink.js';
import { readPlan } from '../../../src/files/plan/reader.js';
import { openPlanWriter } from '../../../src/files/plan/writer.js';
import {
  decide,
  live,
  mongoRow,
  postgresRow,
  SAMPLE_REST,
  user,
  type SampleTeam,
} from '../../unit/files/sample-plan.js';

/** Six for the owner, and two for each of six users. */
const CHANGES_PER_TEAM = 18;
/** Beyond the teams that the sample excludes. */
const FIRST_TEAM = 100;

const [path = '', changes] = process.argv.slice(2);
if (changes === undefined) {
  const plan = await readPlan({ kind: 'file', path, trust: 'strict' }, { now: Date.now() });
  await plan.close();
} else await writePlan(Math.ceil(Number(changes) / CHANGES_PER_TEAM));

async function writePlan(teams: number): Promise<void> {
  const writer = await openPlanWriter();
  for (let number = FIRST_TEAM; number < FIRST_TEAM + teams; number += 1) {
    const { planned, findings } = decide(madeUpTeam(number));
    for (const finding of findings) await writer.finding(finding);
    if (planned !== undefined) await writer.team(planned);
  }
  await writer.finish({ ...SAMPLE_REST, scanned: teams }, await openFileSink(path, 'refuse'));
}

function madeUpTeam(number: number): SampleTeam {
  const first = number * 8;
  const users = [user(first, true)];
  for (let index = 1; index <= 6; index += 1) {
    const row = first + index;
    const role = index % 2 === 0 ? 'admin' : 'owner';
    users.push(user(row, false, { mongo: [mongoRow(row, role)], postgres: [postgresRow(row, role, row)] }));
  }
  return { team: live(number, first), users };
}
