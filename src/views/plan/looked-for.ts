import { Failure } from '../../model/failure.js';
import { listed } from '../quantity.js';
import type { ShownPlan } from './shown-plan.js';

/** Teams or users that somebody asks for by id or by name, and the ids that this turns out to mean. */
function lookedFor(asked: readonly string[]) {
  const meant = new Map(asked.map((one) => [one, new Set<string>()]));
  return {
    /** One that is there. Ids are compared exactly, names without regard to capitals; several may share a name. */
    meet(id: string | null, name?: string | null): void {
      if (id === null) return;
      for (const [one, ids] of meant)
        if (one === id || (typeof name === 'string' && folded(one) === folded(name))) ids.add(id);
    },
    ids: () => [...new Set([...meant.values()].flatMap((ids) => [...ids]))],
    missing: () => [...meant].flatMap(([one, ids]) => (ids.size === 0 ? [one] : [])),
  };
}

function folded(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** The part of a filter that is about ids. */
interface Asking {
  readonly teams: readonly string[];
  readonly users: readonly string[];
}

type Asked = Readonly<Record<keyof Asking, ReturnType<typeof lookedFor>>>;

/**
 * The filter with ids in place of names. Reads the plan once where it asks for teams or users, and decisions only for users.
 *
 * @throws Failure (operational) naming every team and user that is not there
 */
export function identified<F extends Asking>(plan: ShownPlan, filter: F): Promise<F> {
  return sought(filter, 'plan', async ({ teams, users }) => {
    const all = plan.teams(({ id, name }) => {
      teams.meet(id, name);
      return filter.users.length > 0;
    });
    for await (const { decisions } of all) for (const { user, name } of decisions) users.meet(user, name);
    for (const concerns of [plan.findings(), plan.blocked()])
      for await (const { team, user, name } of concerns) {
        teams.meet(team);
        users.meet(user, name);
      }
  });
}

/**
 * The same for any list of teams and users.
 *
 * @param meetAll lets what was asked for meet all that is there
 */
export async function sought<F extends Asking>(
  filter: F,
  what: 'plan' | 'receipt',
  meetAll: (asked: Asked) => Promise<void>,
): Promise<F> {
  if (filter.teams.length + filter.users.length === 0) return filter;
  const [teams, users] = [lookedFor(filter.teams), lookedFor(filter.users)];
  await meetAll({ teams, users });
  const missing = [
    ...teams.missing().map((one) => `team ${one}`),
    ...users.missing().map((one) => `user ${one}`),
  ];
  if (missing.length === 0) return { ...filter, teams: teams.ids(), users: users.ids() };
  throw new Failure('operational', {
    doing: `showing a part of the ${what}`,
    problem: `there is no ${listed(missing)} in it`,
    next:
      what === 'plan'
        ? 'Check the id or the name; a plan holds only those with something to change, to know or to decide.'
        : 'Check the id; a receipt knows no names.',
  });
}
