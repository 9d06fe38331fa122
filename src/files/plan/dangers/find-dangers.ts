import type { Dangers, EmptiedTeam } from '../../../model/danger.js';
import { ownerRoles, writtenRoles } from '../../../model/policy.js';
import type { PlanHeader } from '../schema.js';
import { Repeats } from './repeats.js';
import {
  emptiedTeam,
  fateOf,
  inEmptyingOrder,
  inMovingOrder,
  ownershipMove,
  type DecidedTeam,
  type WeighedMove,
} from './team-dangers.js';
import { WorstFew } from './worst.js';

const KEPT = 10;

/** What is looked at. Each decision must be whole: part of its changes would tell another story. */
export interface DangerScope {
  readonly header: PlanHeader;
  readonly teams: AsyncIterable<DecidedTeam>;
  /** Left out: everybody. */
  readonly users?: readonly string[];
}

/**
 * Finds what a reviewer should look at first, in bounded memory: reads the teams once.
 *
 * @param runLength how many events are sorted in memory at a time
 */
export async function findDangers(
  { header, teams, users = [] }: DangerScope,
  runLength?: number,
): Promise<Dangers> {
  const { policy, summary } = header;
  const roles = ownerRoles(policy.wanted);
  const wanted = (user: string): boolean => users.length === 0 || users.includes(user);
  const emptied = new WorstFew<EmptiedTeam>(inEmptyingOrder, KEPT);
  const ownership = new WorstFew<WeighedMove>(inMovingOrder, KEPT);
  const repeats = new Repeats(roles, writtenRoles(policy), runLength);
  let missingTeams = 0;
  try {
    for await (const { team, decisions } of teams) {
      if (!decisions.some(({ user }) => wanted(user))) continue;
      if (team.state === 'missing') missingTeams += 1;
      const fates = decisions.map(fateOf);
      const empty = emptiedTeam(team, fates);
      if (empty !== undefined) emptied.add(empty);
      const move = ownershipMove(team, fates, roles);
      if (move !== undefined) ownership.add(move);
      await repeats.add(team, fates, wanted);
    }
    return {
      exceeded: summary.exceeded,
      missingTeams,
      emptied: header.formatVersion === 1 ? null : emptied.found((team) => team),
      ownership: ownership.found(({ move }) => move),
      ...(await repeats.found(KEPT)),
    };
  } finally {
    await repeats.close();
  }
}
