import type { PlanHeader } from '../../files/plan/schema.js';
import { isDestructive, OPS } from '../../model/change.js';
import type { Dangers, DangerTeam, Person, Worst } from '../../model/danger.js';
import { ownerRoles } from '../../model/policy.js';
import type { LimitFlag } from '../../model/safeguards.js';
import type { PageFilter } from '../page/filter-hash.js';
import { listed, numeral, quantity } from '../quantity.js';
import { STORE_NAMES, type Quote } from './rule-words.js';
import { allowedBy, OVER_LIMIT_WORDS } from './ahead.js';

/** The part of a plan in which something stands, for the page and for `show`. */
type Where = Partial<Pick<PageFilter, 'team' | 'user' | 'role' | 'op' | 'rule'>>;

/** One danger, in words for somebody who knows teams and people but no databases. */
export interface DangerEntry {
  /** With the team last: a name in a right-to-left script can then disorder nothing but itself. */
  readonly words: string;
  readonly where: Where;
}

/** The dangers of one kind, the worst first. */
export interface DangerList {
  readonly about: 'plan' | 'teams';
  readonly title: string;
  readonly count: number;
  readonly entries: readonly DangerEntry[];
  readonly where: Where;
}

const TAKEN: Where = { op: OPS.filter(isDestructive) };
const GIVEN: Where = { op: OPS.filter((op) => !isDestructive(op)) };

/** The kinds that a plan has, what concerns most people first. */
export function dangerWords(
  dangers: Dangers,
  { policy, summary }: Pick<PlanHeader, 'policy' | 'summary'>,
  quote: Quote,
  quoteName: Quote = (name) => `"${quote(name)}"`,
): readonly DangerList[] {
  const { emptied, ownership, risers, leavers, misspelt } = dangers;
  const owning = ownerRoles(policy.wanted);
  const role = owning.map((name) => quote(name)).join(' or ');
  const who = ({ user, name }: Person): string =>
    `user ${quote(user)}${name === undefined ? '' : ` ${quoteName(name)}`}`;
  const people = ({ count, first }: Worst<Person>): string[] => {
    const others = count - first.length;
    return [...first.map(who), ...(others > 0 ? [quantity(others, 'other')] : [])];
  };
  const inTeam = (words: string, { id, name }: DangerTeam): string =>
    `${words} team ${quote(id)}${name === null ? '' : ` ${quoteName(name)}`}`;
  const list = <Danger>(
    title: string,
    { count, first }: Worst<Danger>,
    where: Where,
    entryOf: (danger: Danger) => DangerEntry,
  ): DangerList => ({ about: 'teams', title, count, entries: first.map(entryOf), where });
  const lists = [
    wholePlan(dangers, summary),
    list('Teams that lose most of their people', emptied ?? { count: 0, first: [] }, TAKEN, (danger) => {
      const { team, before, losing, after } = danger;
      const left = after === 0 ? 'nobody has one' : `${quantity(after, 'person has', 'people have')} one`;
      const lose = losing === 1 ? 'loses' : 'lose';
      const words = `${numeral(losing)} of ${quantity(before, 'person', 'people')} ${lose} every role, ${left} afterwards:`;
      return { words: inTeam(words, team), where: { team: [team.id] } };
    }),
    list(
      `Teams in which somebody loses ${role}`,
      ownership,
      { ...TAKEN, role: owning },
      ({ team, losers, roles, holders, how, unchangedCreator }) => {
        const [lost] = roles;
        const [heir, ...coheirs] = people(holders);
        const heirs =
          heir !== undefined
            ? `${heir} ${how} ${quote(lost)}${coheirs.length === 0 ? '' : `, also held by ${listed(coheirs)}`}`
            : unchangedCreator === null
              ? `nobody gets ${quote(lost)}`
              : `the creator, ${who(unchangedCreator)}, has no change here`;
        const others = losers.count - 1;
        const also = others > 0 ? `, ${quantity(others, 'other')} some of it` : '';
        const lose = `${people(losers).slice(0, 1).join('')} loses ${listed(roles.map((one) => quote(one)))}${also}`;
        return { words: inTeam(`${lose}; ${heirs}:`, team), where: { team: [team.id] } };
      },
    ),
    list(
      `People who get ${role} in three teams or more`,
      risers,
      { ...GIVEN, role: owning },
      ({ person, roles, teams, firstTeam }) => ({
        words: inTeam(
          `${who(person)} gets ${listed(roles.map((one) => quote(one)))} in ${quantity(teams, 'team')}, first in`,
          firstTeam,
        ),
        where: { ...GIVEN, user: [person.user], role: roles },
      }),
    ),
    list(
      'People who lose every role in three teams or more',
      leavers,
      TAKEN,
      ({ person, teams, firstTeam }) => ({
        words: inTeam(`${who(person)} loses every role in ${quantity(teams, 'team')}, first in`, firstTeam),
        where: { ...TAKEN, user: [person.user] },
      }),
    ),
    list(
      'Roles taken away that may only be misspelt',
      misspelt,
      TAKEN,
      ({ role: spelt, known, holders, teams, firstTeam }) => ({
        words: inTeam(
          `"${quote(spelt)}", perhaps meant as ${quote(known)}, is taken from ${quantity(holders, 'person', 'people')} in ${quantity(teams, 'team')}, first in`,
          firstTeam,
        ),
        where: { ...TAKEN, role: [spelt] },
      }),
    ),
  ];
  return lists.filter(({ count }) => count > 0);
}

function wholePlan({ exceeded, missingTeams }: Dangers, summary: PlanHeader['summary']): DangerList {
  const limits = exceeded.map((flag: LimitFlag) => ({
    words: `${OVER_LIMIT_WORDS[flag]}: ${allowedBy(flag, summary)}.`,
    where: TAKEN,
  }));
  const missing = {
    words: `${quantity(missingTeams, 'team has', 'teams have')} no document in ${STORE_NAMES.mongo}, and this plan changes who holds roles there.`,
    where: { rule: ['missing-team-holds'] },
  };
  const entries = [...limits, ...(missingTeams > 0 ? [missing] : [])];
  return { about: 'plan', title: 'The plan as a whole', count: entries.length, entries, where: {} };
}

/** What an older plan does not tell; undefined: nothing is left out. */
export function untoldWords({ emptied }: Dangers): string | undefined {
  return emptied === null
    ? 'This plan is of format 1, which does not say how many people a team has: teams that lose most of theirs are not told here.'
    : undefined;
}

/** The flags of `show` that list what stands there. */
export function showFlags({ role = [], op = [] }: Where): string[] {
  const ops = op.length > 0 && op === TAKEN.op ? ['--destructive'] : op.flatMap((one) => ['--op', one]);
  return [...ops, ...role.flatMap((one) => ['--role', one])];
}

/**
 * How many entries of each list there is room for: the same number of each, as long as they are there. A list is its
 * beginning, without gaps.
 *
 * @param costs of each entry of each list
 */
export function fairShares(costs: readonly (readonly number[])[], room: number): number[] {
  const shares = costs.map(() => 0);
  const open = new Set(costs.keys());
  let left = room;
  while (open.size > 0) {
    for (const index of open) {
      const cost = costs[index]?.[shares[index] ?? 0];
      if (cost === undefined || cost > left) open.delete(index);
      else {
        left -= cost;
        shares[index] = (shares[index] ?? 0) + 1;
      }
    }
  }
  return shares;
}
