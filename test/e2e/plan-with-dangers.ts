import type { ShownPlan } from '../../src/views/plan/shown-plan.js';
import { holder, planOfAll, teamOf } from '../unit/files/dangers/some-plan.js';
import { readBytes } from '../unit/files/reading.js';
import { id } from '../unit/views/sample-plan.js';

export const PERSON = 'Maximiliane Alexandrina von und zu Hohenstein-Wittgenstein-E';
const [SWAPPED, EMPTIED, RISER, LEAVER] = [10, 11, 501, 502];

/** A plan with a danger of each kind, whose people and teams have long names. */
export async function planWithDangers(): Promise<ShownPlan> {
  const full = ['owner', 'admin', 'member'] as const;
  const members = (count: number, from: number) =>
    Array.from({ length: count }, (_, at) => holder(from + at, true, 'member'));
  const called = (name: string) => name.padEnd(60, '-');
  const teams = [
    ...Array.from({ length: 12 }, (_, at) => {
      const from = 1000 + at * 10;
      const people = [holder(from, true, ...full), ...members(4, from + 1)];
      return teamOf(SWAPPED + at * 100, from + 9, people, called(`Swapped ${String(at)}`));
    }),
    teamOf(
      EMPTIED,
      640,
      [641, 642, 643].map((one) => holder(one, false, 'member')),
      called('Emptied'),
    ),
    ...[20, 21, 22].map((number) => teamOf(number, RISER, members(5, number * 100), called('Risen'))),
    ...[40, 41, 42].map((number) => {
      const from = number * 100;
      const leaver = holder(LEAVER, false, 'member', 'Owner ');
      return teamOf(
        number,
        from,
        [holder(from, true, ...full), ...members(5, from + 1), leaver],
        called('Left'),
      );
    }),
  ].sort((a, b) => (a.team.id < b.team.id ? -1 : 1));
  const plan = await readBytes(await planOfAll(teams, { mongo: 40, postgres: 4000 }));
  const people = new Set([RISER, LEAVER].map((number) => id('b', number)));
  return {
    ...plan,
    findings: () => plan.findings(),
    blocked: () => plan.blocked(),
    async *teams(wanted) {
      for await (const { team: head, decisions } of plan.teams(wanted))
        yield {
          team: head,
          decisions: decisions.map((one) => (people.has(one.user) ? { ...one, name: PERSON } : one)),
        };
    },
  };
}

interface NamedChange {
  readonly team: string;
  readonly user: string;
  readonly op: string;
  readonly role: string;
}

export async function changesOf(plan: ShownPlan): Promise<NamedChange[]> {
  const changes: NamedChange[] = [];
  for await (const { team: head, decisions } of plan.teams())
    for (const { user, changes: some } of decisions)
      for (const { op, role } of some) changes.push({ team: head.id, user, op, role });
  return changes;
}

const takes = ({ op }: NamedChange): boolean => op === 'delete' || op === 'deactivate';
const owns = ({ role }: NamedChange): boolean => role === 'owner' || role === 'admin';
const TAKEN = 'op=deactivate&op=delete';

/** A part of what is said of a danger, the filter in the address, and the changes that it is about. */
export const DANGERS: readonly (readonly [RegExp, string, (change: NamedChange) => boolean])[] = [
  [/allow it with --max-removals/, `#${TAKEN}`, takes],
  [/"Emptied-+"/, `#team=${id('a', EMPTIED)}`, ({ team: one }) => one === id('a', EMPTIED)],
  [/"Swapped 0-+"/, `#team=${id('a', SWAPPED)}`, ({ team: one }) => one === id('a', SWAPPED)],
  [/… and 2 more/, `#role=owner&role=admin&${TAKEN}`, (one) => takes(one) && owns(one)],
  [
    new RegExp(`"${PERSON}" gets owner and admin in 3 teams, first in team .* "Risen-+"`),
    `#user=${id('b', RISER)}&role=owner&role=admin&op=insert&op=reactivate`,
    (one) => one.user === id('b', RISER) && !takes(one) && owns(one),
  ],
  [
    new RegExp(`"${PERSON}" loses every role in 3 teams`),
    `#user=${id('b', LEAVER)}&${TAKEN}`,
    (one) => one.user === id('b', LEAVER) && takes(one),
  ],
  [/"Owner ", perhaps meant as owner/, `#role=Owner+&${TAKEN}`, ({ role }) => role === 'Owner '],
];

/** The changes in the list of the page, those of both stores as one. */
export const SEEN = `[...document.querySelectorAll('.change')].map((change) => {
  const row = change.closest('details');
  let head = row;
  while (!head.matches('.team-head')) head = head.previousElementSibling;
  const [team, user] = [head.querySelector('code'), row.querySelector('code')].map((one) => one.textContent);
  return [team, user, change.querySelector('.op').textContent.slice(2), change.querySelector('bdi').textContent].join(' ');
}).sort()`;
