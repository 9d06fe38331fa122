/**
 * Decides and writes a plan with so many changes, out of teams that are made up on the way.
 *
 * node write-plan.mjs CHANGES FILE
 */
import { openFileSink } from '../../../src/files/file-sink.js';
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

const [changes, path = ''] = process.argv.slice(2);
const teams = Math.ceil(Number(changes) / CHANGES_PER_TEAM);
const writer = await openPlanWriter();
for (let number = FIRST_TEAM; number < FIRST_TEAM + teams; number += 1) {
  const { planned, findings } = decide(madeUpTeam(number));
  for (const finding of findings) await writer.finding(finding);
  if (planned !== undefined) await writer.team(planned);
}
await writer.finish({ ...SAMPLE_REST, scanned: teams }, await openFileSink(path, 'refuse'));

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
